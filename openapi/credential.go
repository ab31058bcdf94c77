package openapi

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/decode"
	"github.com/idmock/idmock/openapi/settings"
)

// Credentials derives an account's credentials with this provider from the account's name and seed, by name. One is
// api_key, or the directory's name for it.
func (p *Provider) Credentials(account string, seed uint64) (map[string]any, error) {
	scope := &template.Scope{Account: map[string]any{"name": account, "seed": seed}, Fake: fake.New(fake.Seed(seed, "credentials", p.Name))}
	credentials := map[string]any{}
	for _, m := range p.read().credentials {
		v, err := m.Value.Value(scope)
		if err != nil {
			return nil, fmt.Errorf("provider %s: credential %s: %w", p.Name, m.Key, err)
		}
		credentials[m.Key] = v
	}
	return credentials, nil
}

// CredentialNames returns the names of the credentials in the order of provider.yaml.
func (p *Provider) CredentialNames() []string {
	names := make([]string, len(p.read().credentials))
	for i, m := range p.read().credentials {
		names[i] = m.Key
	}
	return names
}

// Env renders the environment variables that connect an application to the mock, as names and values in the order of
// provider.yaml. The scope requires the account's credentials and Base.
func (p *Provider) Env(s *template.Scope) ([][2]string, error) {
	var all [][2]string
	for _, m := range p.read().env {
		v, err := m.Value.Value(s)
		if err != nil {
			return nil, fmt.Errorf("provider %s: env %s: %w", p.Name, m.Key, err)
		}
		all = append(all, [2]string{m.Key, fmt.Sprint(v)})
	}
	return all, nil
}

// SetCredential adds an account's credential to a request. Of several places it prefers the query; it does not change a
// request if the credential belongs in the body.
func (p *Provider) SetCredential(r *http.Request, account string) {
	c := &p.read().set.Credential
	if d, err := p.load(); err == nil {
		if op, refusal := d.find(r); refusal == nil {
			c = op.credential
		}
	}
	switch {
	case c.Query != "":
		q := r.URL.Query()
		q.Set(c.Query, account)
		r.URL.RawQuery = q.Encode()
	case c.Cookie != "":
		r.AddCookie(&http.Cookie{Name: c.Cookie, Value: account})
	case c.Header != "":
		if c.Scheme == settings.Basic && account != "" {
			account = base64.StdEncoding.EncodeToString([]byte(account + ":secret"))
		}
		r.Header.Set(c.Header, strings.TrimSpace(c.Scheme+" "+account))
	}
}

// MaxKey is the length of the longest API key, in bytes: each that is accepted names an account, of which there may be many.
const MaxKey = 512

// authenticate sets the account of a request. A public operation accepts a credential, but does not require one. A request
// to no operation, which refusal reports, may carry any of the provider's credentials.
func (c *Call) authenticate(credential *settings.Credential, r *http.Request, refusal *Error) error {
	candidates := credential.All()
	if c.Operation != nil {
		candidates = c.Operation.credential.Alternatives()
	}
	var key, secret string
	var from *settings.Credential
	var err, unreadable error
	for _, from = range c.said(candidates) {
		switch key, secret, err = c.credential(from, r); {
		case err != nil && c.Operation == nil:
			unreadable = err // the key may be in another place
			continue
		case err != nil:
			return err
		}
		if key != "" {
			break
		}
	}
	if key == "" && unreadable != nil {
		return refusal // rather than for the body: no operation reads it
	}
	if key == "" { // errors name the first
		from = candidates[0]
		if c.Operation == nil {
			from = credential
		}
	}
	bad := from.Reject.Match(key) || from.Reject.Match(secret) || strings.ContainsFunc(key, unicode.IsControl) || len(key) > MaxKey
	forbidden := from.Forbid.Match(key) || from.Forbid.Match(secret)
	description, field := from.Place()
	switch {
	case c.Operation != nil && c.Operation.Public && (key == "" || bad || forbidden):
		return nil
	case key == "":
		return &Error{Kind: MissingCredential, Message: "no API key: send it " + description, Field: field}
	case len(key) > MaxKey:
		return &Error{Kind: BadCredential, Message: fmt.Sprintf("the API key is not valid: it is longer than %d bytes", MaxKey), Field: field}
	case bad:
		return &Error{Kind: BadCredential, Message: "the API key is not valid", Field: field}
	case forbidden:
		return &Error{Kind: Forbidden, Message: "the API key may not do this", Field: field}
	}
	c.Account = key
	return nil
}

// said returns the candidate whose scheme a request's header has, such as Bearer where Basic is allowed, too; all if there is none.
func (c *Call) said(candidates []*settings.Credential) []*settings.Credential {
	if len(candidates) == 1 {
		return candidates
	}
	for i, from := range candidates {
		if from.Scheme == "" {
			continue
		}
		if scheme, _, ok := strings.Cut(c.Header[strings.ToLower(from.Header)], " "); ok && strings.EqualFold(scheme, from.Scheme) {
			return candidates[i : i+1]
		}
	}
	return candidates
}

// credential returns the key of a request and, with Basic, the password.
func (c *Call) credential(from *settings.Credential, r *http.Request) (key, secret string, err error) {
	header := c.Header[strings.ToLower(from.Header)]
	switch key, err = c.key(from, header, r); {
	case err != nil || key == "" || from.Scheme != settings.Basic || header == "":
		return key, "", err
	}
	key, secret, ok := from.Pair(header)
	if !ok {
		return "", "", &Error{Kind: MalformedCredential, Field: from.Header,
			Message: "the header " + from.Header + " is not Basic and then the base64 of key:secret"}
	}
	return key, secret, nil
}

func (c *Call) key(from *settings.Credential, header string, r *http.Request) (string, error) {
	if from.Header != "" && header != "" {
		if scheme, rest, _ := strings.Cut(header, " "); from.Scheme != "" && strings.EqualFold(scheme, from.Scheme) {
			return strings.TrimSpace(rest), nil
		}
		return header, nil
	}
	if from.Cookie != "" {
		if cookie, err := r.Cookie(from.Cookie); err == nil {
			return cookie.Value, nil
		}
	}
	if key := c.Query[from.Query]; key != "" || from.Body == "" {
		return key, nil
	}
	if err := c.readRaw(r); err != nil || len(c.Raw) == 0 {
		return "", err
	}
	mediaType, boundary, err := decode.ContentType(r.Header.Get("Content-Type"))
	if err != nil {
		mediaType = decode.JSON
	}
	body, err := c.decode(mediaType, boundary)
	if err != nil {
		return "", err // fix this first: the body may have a key
	}
	if fields, ok := body.(map[string][]any); ok {
		if values := fields[from.Body]; len(values) > 0 {
			return fmt.Sprint(values[0]), nil
		}
		return "", nil
	}
	members, _ := body.(map[string]any)
	if key, ok := members[from.Body]; ok && key != nil {
		return fmt.Sprint(key), nil
	}
	return "", nil
}
