package infer

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/spec"
)

// credential is a place of the key in a request, with alternatives.
type credential struct {
	in, name, scheme string
	also             []*credential
	operations       []string
}

func (c *credential) key() string {
	key := c.in + " " + c.name + " " + c.scheme
	for _, other := range c.also {
		key += "|" + other.key()
	}
	return key
}

// security finds the credential of each operation: the one of most operations is the provider's.
func (p *provider) security() {
	schemes := p.doc.Lookup("components", "securitySchemes")
	all := map[string]*credential{}
	p.credentials = map[string]*credential{}
	root := p.doc.Lookup("security")
	for _, op := range p.doc.Operations() {
		required := op.Node().Lookup("security")
		if required == nil {
			required = root
		}
		c := p.alternatives(required, schemes)
		if c == nil {
			continue
		}
		if have := all[c.key()]; have != nil {
			c = have
		} else {
			all[c.key()] = c
		}
		c.operations = append(c.operations, op.ID)
		p.credentials[op.ID] = c
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if c := all[key]; p.main == nil || len(c.operations) > len(p.main.operations) {
			p.main = c
		}
	}
	for _, m := range schemes.Members() {
		p.tokenOf(p.doc.Resolve(m.Value))
	}
}

// alternatives returns the credential of a list of requirements, nil if none is required.
func (p *provider) alternatives(list, schemes *template.Node) *credential {
	var first *credential
	for _, requirement := range list.Items() {
		if len(requirement.Members()) == 0 {
			return nil // optional
		}
		c := p.requirement(requirement, schemes)
		switch {
		case c == nil:
		case first == nil:
			first = c
		case !slices.ContainsFunc(append(first.also, first), func(have *credential) bool { return have.in == c.in && have.name == c.name && have.scheme == c.scheme }):
			first.also = append(first.also, c)
		}
	}
	return first
}

// requirement returns the credential of schemes that are required together: the one that names a client.
func (p *provider) requirement(n, schemes *template.Node) *credential {
	var best *credential
	rank := -1
	for _, m := range n.Members() {
		c := schemeOf(p.doc.Resolve(schemes.Lookup(m.Key)))
		if c == nil {
			continue
		}
		if own := rankOf(c, m.Key); own > rank {
			best, rank = c, own
		}
	}
	return best
}

// rankOf orders keys that are required together: an id comes before a secret, and a version is last.
func rankOf(c *credential, scheme string) int {
	name := strings.ToLower(c.name + " " + scheme)
	for i, words := range [][]string{{"version", "signature", "timestamp", "nonce"}, {"secret"}, {"token", "auth"}, {"key"}, {"client", "app", "account", "id"}} {
		if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) }) {
			return i
		}
	}
	return 1
}

func schemeOf(n *template.Node) *credential {
	switch strings.ToLower(textOf(n.Lookup("type"))) {
	case "apikey":
		c := &credential{in: strings.ToLower(textOf(n.Lookup("in"))), name: textOf(n.Lookup("name"))}
		if c.in == "header" && strings.EqualFold(c.name, "Authorization") {
			c.scheme = "Bearer"
		}
		if c.name == "" || !slices.Contains([]string{"header", "query", "cookie"}, c.in) {
			return nil
		}
		return c
	case "http":
		if scheme := strings.ToLower(textOf(n.Lookup("scheme"))); scheme == "basic" {
			return &credential{in: "header", name: "Authorization", scheme: "Basic"}
		}
		return &credential{in: "header", name: "Authorization", scheme: "Bearer"}
	case "oauth2", "openidconnect":
		return &credential{in: "header", name: "Authorization", scheme: "Bearer"}
	}
	return nil
}

// token is an endpoint that hands out tokens.
type token struct{ path string }

func (p *provider) tokenOf(scheme *template.Node) {
	for _, flow := range scheme.Lookup("flows").Members() {
		u, err := url.Parse(textOf(flow.Value.Lookup("tokenUrl")))
		if err != nil || u.Path == "" || p.token != nil || strings.ContainsAny(u.Path, "{}") {
			continue
		}
		path := p.relative(u.Path)
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		p.host(u.Hostname())
		taken := func(op *spec.Operation) bool {
			return op.Method == "POST" && strings.TrimRight(op.Path, "/") == strings.TrimRight(path, "/")
		}
		if !slices.ContainsFunc(p.doc.Operations(), taken) {
			p.token = &token{path}
		}
	}
}

// tokenID is the operation that hands out tokens.
const tokenID = "idmockToken"

// document is an OpenAPI document with the operation. The token is the client's id, so that it names the same account.
func (t *token) document() string {
	return fmt.Sprintf(`# The OAuth 2 token endpoint, which the document names but does not describe. The token is the client's id.
paths:
  %s:
    post:
      operationId: %s
      summary: Hand out an access token.
      x-idmock-mock: true
      security: []
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {type: object}}
          application/json: {schema: {type: object}}
      responses:
        "200":
          description: The token.
          content:
            application/json:
              schema:
                type: object
                properties:
                  access_token: {type: string, x-idmock-value: '${account.name != "" ? account.name : "token"}'}
                  token_type: {type: string}
                  expires_in: {type: integer}
                  scope: {type: string, x-idmock-value: '${body?.scope ?? ""}'}
              examples:
                success: {value: {access_token: token, token_type: Bearer, expires_in: 3600, scope: ""}}
`, quote(t.path), tokenID)
}

// credentialSettings is the section credential of provider.yaml.
func (p *provider) credentialSettings() string {
	var b strings.Builder
	main := p.main
	public := p.publicOperations()
	if main == nil {
		main, public = &credential{in: "header", name: "Authorization", scheme: "Bearer"}, []string{"*"}
	}
	b.WriteString("credential:\n")
	writeCredential(&b, main, "  ")
	b.WriteString("  reject: '^(invalid|revoked)[-_]' # keys of tests for a refused key\n")
	if len(public) > 0 {
		fmt.Fprintf(&b, "  public: %s\n", list(public))
	}
	var others []*credential
	for _, op := range p.doc.Operations() {
		if c := p.credentials[op.ID]; c != nil && c != main && !slices.Contains(others, c) {
			others = append(others, c)
		}
	}
	if p.token != nil || len(others) > 0 {
		b.WriteString("  other:\n")
	}
	if p.token != nil {
		fmt.Fprintf(&b, "    - on: %s\n      header: Authorization\n      scheme: Basic\n      body: client_id\n", tokenID)
	}
	for _, c := range others {
		fmt.Fprintf(&b, "    - on: %s\n", list(c.operations))
		writeCredential(&b, c, "      ")
	}
	return b.String()
}

func (p *provider) publicOperations() []string {
	var all []string
	for _, op := range p.doc.Operations() {
		if p.credentials[op.ID] == nil {
			all = append(all, op.ID)
		}
	}
	if len(all) == len(p.doc.Operations()) {
		return []string{"*"}
	}
	return all
}

func writeCredential(b *strings.Builder, c *credential, indent string) {
	fmt.Fprintf(b, "%s%s: %s\n", indent, c.in, quote(c.name))
	if c.scheme != "" {
		fmt.Fprintf(b, "%sscheme: %s\n", indent, c.scheme)
	}
	for i, other := range c.also {
		if i == 0 {
			fmt.Fprintf(b, "%salso: # alternatives\n", indent)
		}
		fmt.Fprintf(b, "%s  - {%s: %s%s}\n", indent, other.in, quote(other.name), cmp.Or(map[bool]string{true: ", scheme: " + other.scheme}[other.scheme != ""], ""))
	}
}
