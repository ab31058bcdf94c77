package openapi

import (
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// credential says which part of a call names the account: the first of header, query and body that is there.
type credential struct {
	Header string `yaml:"header"`
	// Scheme is a word that may stand before the credential in the header, such as Bearer. After Basic the credential is
	// the user's name of what has to be there; Reject and Forbid speak of the password, too.
	Scheme string  `yaml:"scheme"`
	Query  string  `yaml:"query"`  // a parameter
	Body   string  `yaml:"body"`   // a member of the JSON object or form that is sent
	Reject Pattern `yaml:"reject"` // credentials that are bad
	Forbid Pattern `yaml:"forbid"` // credentials that are known and may do nothing

	// Other says it for the operations that On names, where somebody else calls them with something else: a page in a
	// browser with the public ID.
	Other []credential `yaml:"other"`
	On    globs        `yaml:"on"`

	header string // in lower case
}

func (c *credential) check() error {
	c.header = strings.ToLower(c.Header)
	var problems []error
	if c.Header == "" && c.Query == "" && c.Body == "" {
		problems = append(problems, errors.New("credential: needs header, query or body, which says where a call carries its key"))
	}
	for i := range c.Other {
		if len(c.Other[i].On) == 0 {
			problems = append(problems, errors.New("credential: other needs on: the operations it is for"))
		}
		problems = append(problems, c.Other[i].check())
	}
	return errors.Join(problems...)
}

// forbids reports whether any credential is forbidden.
func (c *credential) forbids() bool {
	return c.Forbid.Regexp != nil || slices.ContainsFunc(c.Other, func(other credential) bool { return other.forbids() })
}

// of returns the credential of an operation.
func (c *credential) of(id string) *credential {
	for i := range c.Other {
		if c.Other[i].On.match(id) {
			return &c.Other[i]
		}
	}
	return c
}

// place says where a credential is expected first, in words and by its field.
func (c *credential) place() (where, field string) {
	switch {
	case c.Query != "":
		return "as the query parameter " + c.Query, c.Query
	case c.Header != "":
		return "in the header " + c.Header, c.Header
	default:
		return "in the body as " + c.Body, c.Body
	}
}

// SetCredential puts an account's credential where a client puts it. Where a call could carry it in several places it is
// the query; a request whose credential goes into its body is left as it is.
func (p *Provider) SetCredential(r *http.Request, account string) {
	c := &p.set.Credential
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
	case c.Header != "":
		if c.Scheme == basic && account != "" {
			account = base64.StdEncoding.EncodeToString([]byte(account + ":secret"))
		}
		r.Header.Set(c.Header, strings.TrimSpace(c.Scheme+" "+account))
	}
}

// authenticate finds the account that a call names. An operation that needs no credential takes one all the same.
func (p *Provider) authenticate(c *Call, r *http.Request) error {
	var key, secret string
	var from *credential
	var err error
	for _, from = range p.credentialsFor(c.Operation) {
		if key, err = c.credential(from, r); err != nil {
			return err
		}
		if from.Scheme == basic && key != "" {
			if key, secret, err = from.pair(c.Header[from.header]); err != nil {
				return err
			}
		}
		if key != "" {
			break
		}
	}
	bad := from.Reject.Match(key) || from.Reject.Match(secret) || strings.ContainsFunc(key, unicode.IsControl)
	forbidden := from.Forbid.Match(key) || from.Forbid.Match(secret)
	where, field := from.place()
	switch {
	case c.Operation != nil && c.Operation.Public && (key == "" || bad || forbidden):
		return nil
	case key == "":
		return &Error{Kind: MissingCredential, Message: "no API key: send it " + where, Field: field}
	case bad:
		return &Error{Kind: BadCredential, Message: "the API key is not valid", Field: field}
	case forbidden:
		return &Error{Kind: Forbidden, Message: "the API key may not do this", Field: field}
	}
	c.Account = key
	return nil
}

const basic = "Basic"

// pair parses the user and the password of basic authentication (RFC 7617).
func (c *credential) pair(header string) (key, secret string, err error) {
	scheme, rest, _ := strings.Cut(header, " ")
	text, wrong := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	key, secret, colon := strings.Cut(string(text), ":")
	if !strings.EqualFold(scheme, basic) || wrong != nil || !colon || key == "" {
		return "", "", &Error{Kind: MalformedCredential, Field: c.Header,
			Message: "the header " + c.Header + " is not Basic and then the base64 of key:secret"}
	}
	return key, secret, nil
}

// credentialsFor lists the possible places of the credential of an operation; without an operation, all.
func (p *Provider) credentialsFor(op *Operation) []*credential {
	if op != nil {
		return []*credential{op.credential}
	}
	var all []*credential
	for i := range p.set.Credential.Other {
		all = append(all, &p.set.Credential.Other[i])
	}
	return append(all, &p.set.Credential)
}

func (c *Call) credential(from *credential, r *http.Request) (string, error) {
	if key := c.Header[from.header]; from.header != "" && key != "" {
		if scheme, rest, _ := strings.Cut(key, " "); from.Scheme != "" && strings.EqualFold(scheme, from.Scheme) {
			return strings.TrimSpace(rest), nil
		}
		return key, nil
	}
	if key := c.Query[from.Query]; key != "" || from.Body == "" {
		return key, nil
	}
	if err := c.readRaw(r); err != nil || len(c.Raw) == 0 {
		return "", err
	}
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		mediaType = "application/json"
	}
	body, err := decodeBody(mediaType, parameters["boundary"], c.Raw)
	if err != nil {
		return "", err // without details: the header may contain a key
	}
	members, _ := body.(map[string]any)
	if key, ok := members[from.Body]; ok && key != nil {
		return fmt.Sprint(key), nil
	}
	return "", nil
}

// anywhere is the value of parameters with which a caller may put them into the query or into the body.
const anywhere = "anywhere"

// gather adds the query to the body, so that schemas and expressions find a parameter wherever the caller
// put it. Members of the body win.
func (c *Call) gather(op *details) {
	if len(c.Query) == 0 {
		return
	}
	body, ok := c.Body.(map[string]any)
	if !ok && c.Body != nil {
		return
	}
	if body == nil {
		body = make(map[string]any, len(c.Query))
	}
	for name, value := range c.Query {
		if _, have := body[name]; !have {
			body[name] = value
		}
	}
	c.Body = body
	if _, known := op.bodies["application/json"]; known && c.mediaType == "" {
		c.mediaType = "application/json"
	}
}
