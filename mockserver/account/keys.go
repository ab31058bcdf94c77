package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/openapi"
)

// Key is a credential that a server with a list of keys accepts.
type Key struct {
	Provider  string // "*": every provider
	Key       string // which is also the account's name
	Forbidden bool   // known, and answered with the provider's 403
}

// ParseKeys reads a key file: each line has a provider or *, a key, and optionally the word forbidden, separated by
// blanks. # begins a comment. All errors are reported together, with file and line.
func ParseKeys(file string, src []byte, providers []*openapi.Provider) ([]Key, error) {
	var all []Key
	var failures []error
	for i, line := range strings.Split(string(src), "\n") {
		key, err := parseKey(line, providers)
		if err == nil && slices.ContainsFunc(all, func(have Key) bool { return have.Provider == key.Provider && have.Key == key.Key && key.Key != "" }) {
			err = fmt.Errorf("duplicate key %q for %s", key.Key, key.Provider)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s:%d: %w", file, i+1, err))
			continue
		}
		if key.Key != "" {
			all = append(all, key)
		}
	}
	if len(all) == 0 && len(failures) == 0 {
		failures = append(failures, fmt.Errorf("%s:1: no key, so every request would be refused: write lines such as * my-key", file))
	}
	return all, errors.Join(failures...)
}

func parseKey(line string, providers []*openapi.Provider) (Key, error) {
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	switch {
	case len(words) == 0:
		return Key{}, nil
	case len(words) == 1 || len(words) > 3:
		return Key{}, fmt.Errorf("%q: must be a provider or *, a key, and optionally the word forbidden", strings.TrimSpace(line))
	case len(words) == 3 && words[2] != "forbidden":
		return Key{}, fmt.Errorf("unknown word %q after the key: use forbidden or nothing", words[2])
	}
	key := Key{Provider: words[0], Key: words[1], Forbidden: len(words) == 3}
	var names []string
	forbids := false
	for _, p := range providers {
		names = append(names, p.Name)
		if key.Provider == "*" || key.Provider == p.Name {
			forbids = forbids || p.Forbids()
		}
	}
	if key.Provider != "*" && !slices.Contains(names, key.Provider) {
		return Key{}, fmt.Errorf("unknown provider %q: use * or one of %s", key.Provider, strings.Join(names, ", "))
	}
	if key.Forbidden && !forbids {
		return Key{}, fmt.Errorf("%s has no response for a forbidden key: leave the key out, and it is refused as invalid", key.Provider)
	}
	return key, nil
}

// keys are those that a provider accepts.
type keys struct {
	forbidden map[string]bool // by key
	names     []string        // in the file's order
}

// keysOf returns the keys that a provider accepts; nil if it accepts all.
func (s *Accounts) keysOf(p *openapi.Provider) *keys {
	if len(s.config.Keys) == 0 {
		return nil
	}
	s.mu.RLock()
	have := s.known[p.Name]
	s.mu.RUnlock()
	if have != nil {
		return have
	}
	k := &keys{forbidden: map[string]bool{}}
	for _, key := range s.config.Keys {
		if key.Provider != "*" && key.Provider != p.Name {
			continue
		}
		if _, twice := k.forbidden[key.Key]; !twice || key.Provider != "*" { // a line for the provider wins
			k.forbidden[key.Key] = key.Forbidden && p.Forbids()
		}
		k.names = append(k.names, key.Key)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]*keys{}
	}
	s.known[p.Name] = k
	return k
}

// demo is the account of actions by hand that name none.
const demo = "demo"

// Caller is the account of an action by hand: the one that was named, or the first known key.
func (s *Accounts) Caller(name string, p *openapi.Provider) string {
	if name != Default {
		return name
	}
	if p != nil {
		if k := s.keysOf(p); k != nil && len(k.names) > 0 {
			return k.names[0]
		}
	}
	return demo
}

// Admit refuses a request with a credential that is not among the known keys, if there are any. invalid is the reason to
// refuse it otherwise, which comes second: the real services look at the key first.
func (s *Accounts) Admit(ctx context.Context, p *openapi.Provider, c *openapi.Call, invalid error) error {
	k := s.keysOf(p)
	if k == nil || c.Account == "" {
		return invalid
	}
	kind := openapi.BadCredential
	if forbidden, known := k.forbidden[c.Account]; known {
		if !forbidden {
			return invalid
		}
		kind = openapi.Forbidden
	} else if owner, err := s.keyOwner(ctx, p, k, c.Account); err != nil || owner != "" {
		c.Account = owner
		return errors.Join(err, invalid)
	}
	c.Account = ""
	if c.Operation != nil && c.Operation.Public {
		return invalid
	}
	if kind == openapi.Forbidden {
		return &openapi.Error{Kind: kind, Message: "the API key is not authorized for this operation"}
	}
	return &openapi.Error{Kind: kind, Message: "the API key is not valid"}
}

// keyOwner returns the known key of a derived credential that was neither used nor shown yet.
func (s *Accounts) keyOwner(ctx context.Context, p *openapi.Provider, k *keys, value string) (string, error) {
	fixed := s.config.Credentials[p.Name]
	for _, name := range k.names {
		if k.forbidden[name] {
			continue
		}
		derived, err := p.Credentials(name, s.SeedFor(name))
		if err != nil {
			return "", err
		}
		for credential, have := range derived {
			if given := fixed[credential]; fmt.Sprint(have) != value && given != value {
				continue
			}
			a, err := s.Open(ctx, name)
			if err != nil {
				return "", err
			}
			_, err = a.Credentials(p)
			return name, err
		}
	}
	return "", nil
}

// checkName checks the name of an account that is about to be opened. It is a key, a value of headers and a part of messages.
func checkName(name string) error {
	switch {
	case len(name) > openapi.MaxKey:
		return control.Invalidf("account: name is longer than %d bytes", openapi.MaxKey)
	case strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name):
		return control.Invalidf("account: invalid name %q: use printable characters", name)
	}
	return nil
}
