package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
)

// Provider is an identity-verification service, as its folder describes it. It is safe for concurrent use.
type Provider struct {
	Name   string   // the directory's name, used in scenario files and flags
	Title  string   // for people
	Prefix string   // where it lives on the mock: /name
	Hosts  []string // the host names of the real service, which the mock answers to as well

	set         settings
	source      netip.Addr
	fsys        fs.FS
	credentials []template.Member
	env         []template.Member
	headers     []template.Member // of a delivery
	errors      map[Kind]refusal
	events      map[string]*Event
	simulations []Simulation // by name
	load        func() (*document, error)
}

// Event is something that the provider tells a webhook.
type Event struct {
	Name, Description string

	// OnRequest marks an event that goes only to endpoints that name it among theirs.
	OnRequest bool

	template *template.Node
	shapes   map[string]*template.Node
	overlay  []string
	webhook  string

	once    sync.Once
	loaded  openapi3.Content
	failure error
}

// Reply is an HTTP answer.
type Reply struct {
	Status int
	Header [][2]string
	Body   []byte
}

type refusal struct {
	status int
	body   *template.Node
}

// Open reads provider.yaml and the event templates of a folder. The much larger openapi.yaml is read when it is first
// needed, so that a server is ready at once; an error in it then answers every call. [Provider.Judge] reads everything.
// The error is [Mistakes].
func Open(name string, fsys fs.FS) (*Provider, error) {
	p := &Provider{Name: name, fsys: fsys, errors: map[Kind]refusal{}, events: map[string]*Event{}}
	src, err := p.read("provider.yaml")
	if err == nil {
		err = yaml.NewDecoder(bytes.NewReader(src), yaml.Strict(), yaml.UseOrderedMap()).Decode(&p.set)
	}
	if err == nil {
		err = p.prepare()
	}
	if err != nil {
		return nil, p.mistakes(place("provider.yaml", nil, err))
	}
	p.load = sync.OnceValues(func() (*document, error) {
		src, err := p.read("openapi.yaml")
		if err != nil {
			return nil, p.mistakes(place("openapi.yaml", nil, err))
		}
		d, err := loadDocument(src, &p.set)
		return d, p.mistakes(place("openapi.yaml", nil, err))
	})
	return p, nil
}

// Folder is the directory of the provider. It can contain more than this package reads.
func (p *Provider) Folder() fs.FS { return p.fsys }

// read reads a file of the folder. The error does not repeat its name.
func (p *Provider) read(file string) ([]byte, error) {
	src, err := fs.ReadFile(p.fsys, file)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return nil, failed.Err
	}
	return src, err
}

// accepts are statuses, classes of them and ranges.
var accepts = regexp.MustCompile(`^[1-5](xx|[0-9]{2}(-[1-5][0-9]{2})?)$`)

func (p *Provider) prepare() error {
	p.Title, p.Prefix, p.Hosts = p.set.Title, p.set.Prefix, p.set.Hosts
	if p.Prefix == "" {
		p.Prefix = "/" + p.Name
	}
	p.set.Prefix = p.Prefix
	for _, host := range p.set.SDK.hosts() { // hosts of scripts belong to the service, too
		if !slices.Contains(p.Hosts, host) {
			p.Hosts = append(p.Hosts[:len(p.Hosts):len(p.Hosts)], host)
		}
	}
	var problems []error
	bad := func(err error, path ...string) { problems = append(problems, place("provider.yaml", path, err)) }
	bad(p.set.Webhook.Signature.Validate(), "webhook", "signature")
	p.set.Webhook.check(bad)
	bad(p.set.Credential.check(), "credential")
	problems = append(problems, p.checkSDK())
	if !strings.HasPrefix(p.Prefix, "/") || strings.HasSuffix(p.Prefix, "/") {
		bad(fmt.Errorf("prefix %q: it begins with a slash and does not end with one", p.Prefix), "prefix")
	}
	if p.set.Parameters != "" && p.set.Parameters != anywhere {
		bad(fmt.Errorf("parameters: %q is not known, want %s or nothing", p.set.Parameters, anywhere), "parameters")
	}
	for name, s := range p.set.Webhook.Signatures {
		if err := s.Validate(); err != nil {
			bad(fmt.Errorf("signatures %s: %w", name, err), "webhook", "signatures", name)
		}
	}
	for _, item := range p.set.Credentials {
		node, err := template.String(fmt.Sprint(item.Value))
		if err != nil {
			bad(fmt.Errorf("credentials %v: %w", item.Key, err), "credentials", fmt.Sprint(item.Key))
		}
		p.credentials = append(p.credentials, template.Member{Key: fmt.Sprint(item.Key), Value: node})
	}
	problems = append(problems, p.prepareEnv()...)
	for i, status := range p.set.Webhook.Accept {
		if !accepts.MatchString(status) {
			bad(fmt.Errorf("accept %q is no status: write it as 200, 2xx or 200-204", status), "webhook", "accept", strconv.Itoa(i))
		}
	}
	if text := p.set.Webhook.Source; text != "" {
		source, err := netip.ParseAddr(text)
		if err != nil || source.IsUnspecified() {
			bad(fmt.Errorf("source %q is no address to call from: want one of this machine's, such as 127.0.0.2", text), "webhook", "source")
		}
		p.source = source.Unmap()
	}
	for i, h := range p.set.Webhook.Headers {
		node, err := template.String(h[1])
		if err != nil {
			bad(fmt.Errorf("webhook header %s: %w", h[0], err), "webhook", "headers", strconv.Itoa(i))
		}
		p.headers = append(p.headers, template.Member{Key: h[0], Value: node})
	}
	if word := p.set.Webhook.Signature.Algorithm; word != "" && !slices.ContainsFunc(p.set.Webhook.Headers, func(h [2]string) bool { return strings.Contains(h[1], word) }) {
		bad(fmt.Errorf("signature algorithm: %q stands in no header, which is where it would be named", word), "webhook", "signature", "algorithm")
	}
	for kind, e := range p.set.Errors {
		if known := append(Kinds(), MalformedCredential, Forbidden, TooManyRequests); !slices.Contains(known, Kind(kind)) {
			bad(fmt.Errorf("errors: kind %q is not known, want one of %v", kind, known), "errors", kind)
		}
		if e.Status < 400 || e.Status > 599 {
			bad(fmt.Errorf("errors %s: status %d is no HTTP status of an error: want a number from 400 to 599", kind, e.Status), "errors", kind)
		}
		if e.Body == nil {
			bad(fmt.Errorf("errors %s: has no body, which is what the caller reads", kind), "errors", kind)
		}
		body, err := template.FromYAML(e.Body)
		if err != nil {
			bad(err, "errors", kind)
		}
		p.errors[Kind(kind)] = refusal{e.Status, body}
	}
	for _, kind := range Kinds() {
		if _, ok := p.errors[kind]; !ok {
			bad(fmt.Errorf("errors: %s is missing", kind), "errors")
		}
	}
	if p.set.Credential.forbids() && !p.Forbids() {
		bad(errors.New("credential: forbid needs an error forbidden under errors, which is what such a key gets"), "credential")
	}
	for name, rule := range p.set.Events {
		event, err := p.event(name, rule)
		if err != nil {
			var elsewhere *placed
			if !errors.As(err, &elsewhere) { // in the template itself
				err = fmt.Errorf("events %s: %w", name, err)
			}
			bad(err, "events", name, "template")
		}
		p.events[name] = event
	}
	for name, description := range p.set.Simulate {
		if !simulationName.MatchString(name) {
			bad(fmt.Errorf("simulate: %q is no name: write it in small letters, digits and hyphens, such as aml-hit", name), "simulate", name)
		}
		p.simulations = append(p.simulations, Simulation{name, description})
	}
	slices.SortFunc(p.simulations, func(a, b Simulation) int { return strings.Compare(a.Name, b.Name) })
	if p.set.Conformance != nil {
		p.set.Conformance.prepare(p, bad)
	}
	return errors.Join(problems...)
}

// simulationName matches names that fit in a scenario, a URL and on a button.
var simulationName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (p *Provider) event(name string, rule eventRule) (*Event, error) {
	e := &Event{Name: name, Description: rule.Description, shapes: map[string]*template.Node{}, webhook: rule.Webhook, OnRequest: rule.OnRequest}
	var err error
	if e.template, err = p.eventTemplate(rule.Template); err != nil {
		return nil, err
	}
	for shape, file := range rule.Shapes {
		if e.shapes[shape], err = p.eventTemplate(file); err != nil {
			return nil, err
		}
	}
	if path := strings.Trim(rule.Overlay, "/"); path != "" {
		e.overlay = strings.Split(path, "/")
	}
	return e, nil
}

func (p *Provider) eventTemplate(file string) (*template.Node, error) {
	if file == "" {
		return nil, errors.New("has no template: the name of the file that holds the event's body")
	}
	src, err := p.read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	node, err := template.ParseJSON(src)
	if err != nil {
		return nil, place(file, nil, err)
	}
	return node, nil
}

// Credentials derives the whole set of credentials that an account holds with this provider, from the account's name
// and seed, by name. It always has api_key or what the folder calls it.
func (p *Provider) Credentials(account string, seed uint64) (map[string]any, error) {
	scope := &template.Scope{Account: map[string]any{"name": account, "seed": seed}, Fake: fake.New(fake.Seed(seed, "credentials", p.Name))}
	made := map[string]any{}
	for _, m := range p.credentials {
		v, err := m.Value.Value(scope)
		if err != nil {
			return nil, fmt.Errorf("provider %s: credential %s: %w", p.Name, m.Key, err)
		}
		made[m.Key] = v
	}
	return made, nil
}

// Kinds lists the kinds of errors that the provider tells apart.
func (p *Provider) Kinds() []Kind {
	kinds := Kinds()
	for _, kind := range []Kind{MalformedCredential, Forbidden, TooManyRequests} {
		if _, ok := p.errors[kind]; ok {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Forbids reports whether the provider tells a key that may not do something apart from an unknown one.
func (p *Provider) Forbids() bool {
	_, ok := p.errors[Forbidden]
	return ok
}

// Refuse renders an error in the provider's own shape.
func (p *Provider) Refuse(e *Error, s *template.Scope) (Reply, error) {
	shape, ok := p.errors[e.Kind]
	if !ok { // the only kind that is refused without a shape of its own
		shape = p.errors[BadCredential]
	}
	s.Error = map[string]any{"kind": string(e.Kind), "message": e.Message, "field": e.Field}
	body, err := shape.body.Append(nil, s)
	if err != nil {
		return Reply{}, fmt.Errorf("provider %s: error %s: %w", p.Name, e.Kind, err)
	}
	reply := Reply{Status: shape.status, Header: [][2]string{{"Content-Type", "application/json"}}, Body: body}
	if e.Kind == Method && e.Allow != "" {
		reply.Header = append(reply.Header, [2]string{"Allow", e.Allow})
	}
	return reply, nil
}

// Owns reports whether a request is meant for this provider by its host or by the prefix of its path.
func (p *Provider) Owns(host, path string) bool {
	return p.OwnsHost(host) ||
		strings.HasPrefix(path, p.Prefix) && (len(path) == len(p.Prefix) || path[len(p.Prefix)] == '/')
}

// OwnsHost reports whether a request to this host, without a port, is meant for this provider whatever its path. That is
// to be asked of all providers first: the path of one may begin like the prefix of another.
func (p *Provider) OwnsHost(host string) bool {
	return slices.Contains(p.Hosts, host) || host == p.Name+".localhost"
}

// Operations lists the operations, in the document's order.
func (p *Provider) Operations() ([]*Operation, error) {
	d, err := p.load()
	if err != nil {
		return nil, err
	}
	return d.operations, nil
}

// Operation returns an operation by its id, or nil.
func (p *Provider) Operation(id string) (*Operation, error) {
	d, err := p.load()
	if err != nil {
		return nil, err
	}
	return d.byID[id], nil
}

// Events lists the events, by name.
func (p *Provider) Events() []*Event {
	return slices.SortedFunc(maps.Values(p.events), func(a, b *Event) int { return strings.Compare(a.Name, b.Name) })
}

// Event returns an event by its name, or nil.
func (p *Provider) Event(name string) *Event { return p.events[name] }

// Simulation is something that can be made to happen to a run by hand, where its scenario has a rule for it.
type Simulation struct{ Name, Description string }

// Simulations lists the simulations, by name. The list must not be changed.
func (p *Provider) Simulations() []Simulation { return p.simulations }

// Guesses says which of the folder's facts are guesses, in sentences.
func (p *Provider) Guesses() []string { return p.set.Guesses }

// CredentialNames lists the names of the credentials of [Provider.Credentials].
func (p *Provider) CredentialNames() []string {
	names := make([]string, len(p.credentials))
	for i, m := range p.credentials {
		names[i] = m.Key
	}
	return names
}

// Timeout is how long the provider waits for a webhook's receiver, from dialling to the last byte.
func (p *Provider) Timeout() time.Duration { return time.Duration(p.set.Webhook.Timeout) }

// Sandbox reports whether a key is one of the sandbox's, as far as the key tells.
func (p *Provider) Sandbox(key string) bool { return p.set.Sandbox.Keys.Match(key) }

// Accept lists the statuses with which a receiver acknowledges, such as 200 or 2xx.
func (p *Provider) Accept() []string { return p.set.Webhook.Accept }

// Source is the address of this machine that webhooks come from; the zero Addr leaves it to the system.
func (p *Provider) Source() netip.Addr { return p.source }

// Retry is the provider's table of waits between attempts.
func (p *Provider) Retry() Retry { return p.set.Webhook.Retry }

// WebhookMethod is the HTTP method of a delivery.
func (p *Provider) WebhookMethod() string {
	if m := p.set.Webhook.Method; m != "" {
		return m
	}
	return http.MethodPost
}
