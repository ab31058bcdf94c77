package mockserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/openapi"
)

// Key is a credential that a server with a list of them knows.
type Key struct {
	Provider  string // "*": every provider
	Key       string // which is also the account's name
	Forbidden bool   // it is known and may do nothing: the provider's own 403
}

// ParseKeys reads a file of keys: in each line a provider or *, a key, and perhaps the word forbidden, with blanks
// between. What follows a # is a remark, and empty lines count for nothing. All mistakes are reported together, with file
// and line.
func ParseKeys(file string, src []byte, providers []*openapi.Provider) ([]Key, error) {
	var all []Key
	var wrong []error
	for i, line := range strings.Split(string(src), "\n") {
		key, err := parseKey(line, providers)
		if err == nil && slices.ContainsFunc(all, func(have Key) bool { return have.Provider == key.Provider && have.Key == key.Key && key.Key != "" }) {
			err = fmt.Errorf("the key %q stands here twice for %s: remove one", key.Key, key.Provider)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w", file, i+1, err))
			continue
		}
		if key.Key != "" {
			all = append(all, key)
		}
	}
	if len(all) == 0 && len(wrong) == 0 {
		wrong = append(wrong, fmt.Errorf("%s:1: there is no key in it, and so no call would be answered: write lines such as * my-key", file))
	}
	return all, errors.Join(wrong...)
}

func parseKey(line string, providers []*openapi.Provider) (Key, error) {
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	switch {
	case len(words) == 0:
		return Key{}, nil
	case len(words) == 1 || len(words) > 3:
		return Key{}, fmt.Errorf("%q: want a provider or *, a key, and perhaps the word forbidden", strings.TrimSpace(line))
	case len(words) == 3 && words[2] != "forbidden":
		return Key{}, fmt.Errorf("%q after the key is not known: want forbidden or nothing", words[2])
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
		return Key{}, fmt.Errorf("no provider is called %q: want * or one of %s", key.Provider, strings.Join(names, ", "))
	}
	if key.Forbidden && !forbids {
		return Key{}, fmt.Errorf("%s does not tell a forbidden key from a bad one: leave the key out, and it is refused", key.Provider)
	}
	return key, nil
}

// keys are those that a provider knows; nil knows every key there is.
type keys struct {
	forbidden map[string]bool // by key
	names     []string        // in the file's order
}

// only makes a provider know these keys alone.
func (p *provider) only(all []Key) {
	p.keys = &keys{forbidden: map[string]bool{}}
	for _, key := range all {
		if key.Provider != "*" && key.Provider != p.Name {
			continue
		}
		if _, twice := p.keys.forbidden[key.Key]; !twice || key.Provider != "*" { // a line for the provider wins
			p.keys.forbidden[key.Key] = key.Forbidden && p.Forbids()
		}
		p.keys.names = append(p.keys.names, key.Key)
	}
}

// admit refuses a call with a credential that the provider does not know, if it knows only some. refused is what else is
// wrong with the call, which comes second: the real services look at the key first.
func (e *Engine) admit(ctx context.Context, p *provider, c *openapi.Call, refused error) error {
	if p.keys == nil || c.Account == "" {
		return refused
	}
	kind := openapi.BadCredential
	if forbidden, known := p.keys.forbidden[c.Account]; known {
		if !forbidden {
			return refused
		}
		kind = openapi.Forbidden
	} else if owner, err := e.ownerOf(ctx, p, c.Account); err != nil || owner != "" {
		c.Account = owner
		return errors.Join(err, refused)
	}
	c.Account = ""
	if c.Operation != nil && c.Operation.Public {
		return refused
	}
	if kind == openapi.Forbidden {
		return &openapi.Error{Kind: kind, Message: "the API key may not do this"}
	}
	return &openapi.Error{Kind: kind, Message: "the API key is not valid"}
}

// ownerOf returns the known key to whose account a derived credential belongs that nobody has used or seen yet.
func (e *Engine) ownerOf(ctx context.Context, p *provider, credential string) (string, error) {
	for _, name := range p.keys.names {
		if p.keys.forbidden[name] {
			continue
		}
		made, err := p.Credentials(name, e.seedFor(name))
		if err != nil {
			return "", err
		}
		for what, value := range made {
			if given := p.given[what]; fmt.Sprint(value) != credential && given != credential {
				continue
			}
			a, err := e.account(ctx, name)
			if err != nil {
				return "", err
			}
			_, err = a.credentialsFor(p)
			return name, err
		}
	}
	return "", nil
}

// seedFor is the seed that an account has unless another is set for it. It is below 2^53, so that a JavaScript client
// reads it as it is.
func (e *Engine) seedFor(name string) uint64 { return fake.Seed(e.seed, "account", name) >> 11 }
