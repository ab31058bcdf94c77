package settings

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
)

// Credential is the part of a request that names the account: the first of header, query and body that is present.
type Credential struct {
	Header string `yaml:"header"`
	// Scheme is the word before the credential in the header, such as Bearer. With Basic the credential is the user name,
	// which is required; Reject and Forbid also match the password.
	Scheme string  `yaml:"scheme"`
	Query  string  `yaml:"query"` // a parameter
	Cookie string  `yaml:"cookie"`
	Body   string  `yaml:"body"`   // a member of the JSON object or form
	Reject Pattern `yaml:"reject"` // invalid credentials
	Forbid Pattern `yaml:"forbid"` // valid credentials without permission

	// Other replaces this credential for the operations On, which other clients call: a page in a browser with the public ID.
	Other []Credential `yaml:"other"`
	// Also are alternatives: the first that is present names the account.
	Also []Credential `yaml:"also"`
	// Public are the operations that need no credential.
	Public Globs `yaml:"public"`
	On     Globs `yaml:"on"`
}

// Basic is the scheme of RFC 7617.
const Basic = "Basic"

// Check reports incomplete settings.
func (c *Credential) Check() error {
	var problems []error
	if c.Header == "" && c.Query == "" && c.Body == "" && c.Cookie == "" {
		problems = append(problems, errors.New("credential: header, query, cookie or body is required: the place of the key in a request"))
	}
	for i := range c.Other {
		if len(c.Other[i].On) == 0 {
			problems = append(problems, errors.New("credential other: on is required: the operations with this credential"))
		}
		problems = append(problems, c.Other[i].Check())
	}
	for i := range c.Also {
		problems = append(problems, c.Also[i].Check())
	}
	return errors.Join(problems...)
}

// Forbids reports whether any credential is forbidden.
func (c *Credential) Forbids() bool {
	return c.Forbid.Regexp != nil || slices.ContainsFunc(c.Other, func(other Credential) bool { return other.Forbids() })
}

// For returns the credential of an operation.
func (c *Credential) For(id string) *Credential {
	for i := range c.Other {
		if c.Other[i].On.Match(id) {
			return &c.Other[i]
		}
	}
	return c
}

// All returns this credential and those of other operations, which come first, with their alternatives.
func (c *Credential) All() []*Credential {
	var all []*Credential
	for i := range c.Other {
		all = append(all, c.Other[i].Alternatives()...)
	}
	return append(all, c.Alternatives()...)
}

// Alternatives returns the credential and its alternatives.
func (c *Credential) Alternatives() []*Credential {
	all := []*Credential{c}
	for i := range c.Also {
		all = append(all, &c.Also[i])
	}
	return all
}

// Place describes the preferred place of the credential, and returns its field.
func (c *Credential) Place() (description, field string) {
	switch {
	case c.Query != "":
		return "as the query parameter " + c.Query, c.Query
	case c.Header != "":
		return "in the header " + c.Header, c.Header
	case c.Cookie != "":
		return "in the cookie " + c.Cookie, c.Cookie
	default:
		return "in the body as " + c.Body, c.Body
	}
}

// Pair reads user name and password of a Basic header; ok is false if it is malformed.
func (c *Credential) Pair(header string) (key, secret string, ok bool) {
	scheme, encoded, _ := strings.Cut(header, " ")
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	key, secret, colon := strings.Cut(string(text), ":")
	return key, secret, strings.EqualFold(scheme, Basic) && err == nil && colon && key != ""
}
