package openapi

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
	"github.com/idmock/idmock/openapi/decode"
	"github.com/idmock/idmock/openapi/mistake"
	"github.com/idmock/idmock/openapi/settings"
)

// Open reads provider.yaml and the event templates of a directory. The much larger openapi.yaml is read at its first use,
// so that a server starts at once; with an error in it, every request fails. [Provider.Validate] reads everything. The
// error is [mistake.Errors].
func Open(name string, fsys fs.FS) (*Provider, error) {
	p := newProvider(name, fsys)
	c, err := p.contents()
	if err != nil {
		return nil, err
	}
	p.Summary = c.summary(name)
	return p, nil
}

// Shipped returns a provider whose directory is part of the program. Nothing is read before its first use, so that a server
// starts without the providers that are not called. The summary must be that of its provider.yaml.
func Shipped(name string, fsys fs.FS, summary Summary) *Provider {
	p := newProvider(name, fsys)
	p.Summary, p.shipped = summary, true
	return p
}

func newProvider(name string, fsys fs.FS) *Provider {
	p := &Provider{Name: name, fsys: fsys}
	p.contents = sync.OnceValues(func() (*contents, error) {
		src, err := mistake.ReadFile(fsys, "provider.yaml")
		c := &contents{errors: map[Kind]errorTemplate{}, events: map[string]*Event{}}
		if err == nil {
			c.set, err = settings.Read(src)
		}
		if err == nil {
			o := &opener{p: p, c: c}
			err = o.open()
		}
		if err != nil {
			return nil, mistake.Locate(name, fsys, mistake.At("provider.yaml", nil, err))
		}
		return c, nil
	})
	p.load = sync.OnceValues(func() (*document, error) {
		c, err := p.contents()
		if err != nil {
			return nil, err
		}
		src, err := mistake.ReadFile(fsys, "openapi.yaml")
		if err != nil {
			return nil, mistake.Locate(name, fsys, mistake.At("openapi.yaml", nil, err))
		}
		more, err := mistake.ReadFile(fsys, moreFile)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, mistake.Locate(name, fsys, mistake.At(moreFile, nil, err))
		}
		d, err := readDocument(src, more, bundle.Directory{FS: fsys, Name: "openapi.yaml"}, &c.set)
		return d, mistake.Locate(name, fsys, mistake.At("openapi.yaml", nil, err))
	})
	return p
}

// summary returns the summary of valid settings. Hosts of browser scripts belong to the service as well.
func (c *contents) summary(name string) Summary {
	s := Summary{Title: c.set.Title, Prefix: c.set.Prefix, Hosts: c.set.Hosts}
	for _, host := range c.set.SDK.Hosts() {
		if !slices.Contains(s.Hosts, host) {
			s.Hosts = append(s.Hosts[:len(s.Hosts):len(s.Hosts)], host)
		}
	}
	return s
}

// moreFile is the file of a directory with operations that the mock adds to the document, such as one that hands out tokens.
const moreFile = "more.yaml"

// opener fills a provider from its settings and collects the errors.
type opener struct {
	c        *contents
	p        *Provider // not to be read meanwhile
	problems []error
}

func (o *opener) report(err error, path ...string) {
	o.problems = append(o.problems, mistake.At("provider.yaml", path, err))
}

func (o *opener) open() error {
	set := &o.c.set
	o.identity()
	set.Webhook.Check(o.report)
	o.report(set.Credential.Check(), "credential")
	o.sdk()
	for key, value := range map[string]string{"parameters": set.Parameters, "forms": set.Forms} {
		if value != "" && value != settings.Anywhere {
			o.report(fmt.Errorf("%s: invalid value %q: use %s, or omit the key", key, value, settings.Anywhere), key)
		}
	}
	set.Sources.Check(o.report)
	o.runs()
	o.credentials()
	o.env()
	o.c.source, _ = set.Webhook.Address()
	o.headers()
	o.errorTemplates()
	if set.Credential.Forbids() && !o.c.forbids() {
		o.report(errors.New("credential: forbid requires forbidden under errors: the response to such a key"), "credential")
	}
	o.events()
	o.simulations()
	o.c.outcomes = outcome.New(set.Outcomes, set.Variables)
	hasEvent := func(event string) bool { _, ok := set.Events[event]; return ok }
	set.Outcomes.Check(o.c.outcomes, slices.Sorted(maps.Keys(set.Events)), o.report)
	o.sandbox()
	for name, e := range o.c.events {
		if e == nil {
			continue
		}
		e.fill(o.c.outcomes)
		for _, reported := range e.Reports {
			if o.c.outcomes.Find(reported) == nil {
				o.report(fmt.Errorf("events %s: unknown outcome %q%s", name, reported, suggest.Meant(reported, o.c.outcomes.Names())), "events", name, "reports")
			}
		}
	}
	set.Wallet.Check(o.c.outcomes, o.report)
	if set.Conformance != nil {
		set.Conformance.Check(o.c.outcomes, hasEvent, o.report)
	}
	return errors.Join(o.problems...)
}

// sandbox marks the outcome of values that no outcome lists.
func (o *opener) sandbox() {
	set := &o.c.set.Sandbox
	if name := set.Others; name != "" {
		if others := o.c.outcomes.Find(name); others != nil {
			others.Others = true
		} else {
			o.report(fmt.Errorf("sandbox: unknown outcome %q%s", name, suggest.Meant(name, o.c.outcomes.Names())), "sandbox", "others")
		}
	}
	if set.Keys.Regexp == nil && len(set.Hosts) == 0 {
		for _, name := range o.c.outcomes.SandboxNames() {
			o.report(fmt.Errorf("outcome %s: sandbox values need keys or hosts under sandbox: which requests are in it", name), "outcomes", name, "sandbox")
		}
	}
}

// identity sets the prefix.
func (o *opener) identity() {
	if o.c.set.Prefix == "" {
		o.c.set.Prefix = "/" + o.p.Name
	}
	if prefix := o.c.set.Prefix; !strings.HasPrefix(prefix, "/") || strings.HasSuffix(prefix, "/") {
		o.report(fmt.Errorf("invalid prefix %q: begin with a slash and end without one", prefix), "prefix")
	}
}

// runs reports invalid changes.
func (o *opener) runs() {
	for i, run := range o.c.set.Runs {
		if run.Change != "" && !slices.Contains(settings.Changes(), run.Change) {
			o.report(fmt.Errorf("runs: invalid change %q: use %s", run.Change, strings.Join(settings.Changes(), ", ")), "runs", strconv.Itoa(i), "change")
		}
	}
	for i, base := range o.c.set.BasePaths {
		if !strings.HasPrefix(base, "/") || strings.HasSuffix(base, "/") {
			o.report(fmt.Errorf("invalid base path %q: begin with a slash and end without one", base), "base_paths", strconv.Itoa(i))
		}
	}
}

func (o *opener) credentials() {
	for _, item := range o.c.set.Credentials {
		name := fmt.Sprint(item.Key)
		node, err := template.String(fmt.Sprint(item.Value))
		if err != nil {
			o.report(fmt.Errorf("credentials %s: %w", name, err), "credentials", name)
		}
		o.c.credentials = append(o.c.credentials, template.Member{Key: name, Value: node})
	}
}

func (o *opener) headers() {
	for i, h := range o.c.set.Webhook.Headers {
		node, err := template.String(h[1])
		if err != nil {
			o.report(fmt.Errorf("webhook header %s: %w", h[0], err), "webhook", "headers", strconv.Itoa(i))
		}
		o.c.headers = append(o.c.headers, template.Member{Key: h[0], Value: node})
	}
}

func (o *opener) errorTemplates() {
	for kind, e := range o.c.set.Errors {
		if known := append(Kinds(), optionalKinds()...); !slices.Contains(known, Kind(kind)) {
			o.report(fmt.Errorf("errors: unknown kind %q: use one of %v", kind, known), "errors", kind)
		}
		if e.Status < 400 || e.Status > 599 {
			o.report(fmt.Errorf("errors %s: invalid status %d: use 400 to 599", kind, e.Status), "errors", kind)
		}
		if e.Body == nil {
			o.report(fmt.Errorf("errors %s: body is required", kind), "errors", kind)
		}
		body, err := template.FromYAML(e.Body)
		o.report(err, "errors", kind)
		o.c.errors[Kind(kind)] = errorTemplate{e.Status, cmp.Or(e.ContentType, decode.JSON), body}
	}
	for _, kind := range Kinds() {
		if _, ok := o.c.errors[kind]; !ok {
			o.report(fmt.Errorf("errors: %s is missing", kind), "errors")
		}
	}
}

func (o *opener) events() {
	for name, rule := range o.c.set.Events {
		event, err := o.event(name, rule)
		if err != nil {
			var elsewhere *mistake.Placed
			if !errors.As(err, &elsewhere) { // otherwise it is in the template's file
				err = fmt.Errorf("events %s: %w", name, err)
			}
			o.report(err, "events", name, "template")
		}
		if o.c.events[name] = event; event != nil && event.Addressed() {
			o.c.addressed = append(o.c.addressed, event)
		}
	}
}

func (o *opener) event(name string, rule settings.Event) (*Event, error) {
	e := &Event{Name: name, Description: rule.Description, OnRequest: rule.OnRequest, Reports: rule.Reports, p: o.p, shapes: map[string]*template.Node{}, webhook: rule.Webhook, secret: rule.Secret}
	var err error
	e.webhook = cmp.Or(e.webhook, name)
	e.id = rule.ID
	if e.to = rule.To; rule.Template != "" {
		e.template, err = o.template(rule.Template)
	}
	if err != nil {
		return nil, err
	}
	for shape, file := range rule.Shapes {
		if e.shapes[shape], err = o.template(file); err != nil {
			return nil, err
		}
	}
	if path := strings.Trim(rule.Overlay, "/"); path != "" {
		e.overlay = strings.Split(path, "/")
	}
	return e, nil
}

func (o *opener) template(file string) (*template.Node, error) {
	src, err := mistake.ReadFile(o.p.fsys, file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	node, err := template.ParseJSON(src)
	if err != nil {
		return nil, mistake.At(file, nil, err)
	}
	return node, nil
}

// simulationName matches names that fit in scenarios, URLs and buttons.
var simulationName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (o *opener) simulations() {
	for name, description := range o.c.set.Simulate {
		if !simulationName.MatchString(name) {
			o.report(fmt.Errorf("simulate: invalid name %q: use lower-case letters, digits and hyphens, such as aml-hit", name), "simulate", name)
		}
		o.c.simulations = append(o.c.simulations, Simulation{name, description})
	}
	slices.SortFunc(o.c.simulations, func(a, b Simulation) int { return strings.Compare(a.Name, b.Name) })
}

// sdk reports files that cannot be served.
func (o *opener) sdk() {
	seen := map[string]bool{}
	for i, f := range o.c.set.SDK.Files {
		path := []string{"sdk", "files", strconv.Itoa(i)}
		if !strings.HasPrefix(f.At, "/") {
			o.report(fmt.Errorf("sdk: invalid at %q: use the path on the real host, which begins with a slash", f.At), path...)
		}
		if seen[f.At] {
			o.report(fmt.Errorf("sdk: duplicate at %s", f.At), path...)
		}
		seen[f.At] = true
		if len(f.Files) == 0 {
			o.report(errors.New("sdk: files is missing: the files of this directory to serve"), path...)
		}
		for _, name := range f.Files {
			if _, err := mistake.ReadFile(o.p.fsys, name); err != nil {
				o.report(fmt.Errorf("sdk: %s: %w", name, err), path...)
			}
		}
	}
	if page := o.c.set.SDK.Play; page != "" {
		src, err := mistake.ReadFile(o.p.fsys, page)
		if err == nil {
			_, err = template.String(string(src))
		}
		if err != nil {
			o.report(fmt.Errorf("sdk: %s: %w", page, err), "sdk", "play")
		}
	}
}

// envName matches names that every shell accepts.
var envName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// env sets the variables for an application: base URL and credentials under the provider's name, then those of the settings.
func (o *opener) env() {
	o.variable(constant(o.p.Name, "base_url"), "${base}")
	for _, item := range o.c.set.Credentials {
		name := fmt.Sprint(item.Key)
		o.variable(constant(o.p.Name, name), fmt.Sprintf("${account[%q]}", name))
	}
	for _, item := range o.c.set.Env {
		o.variable(fmt.Sprint(item.Key), fmt.Sprint(item.Value))
	}
}

func (o *opener) variable(name, text string) {
	node, err := template.String(text)
	switch {
	case err != nil:
		o.report(fmt.Errorf("env %s: %w", name, err), "env", name)
		return
	case !envName.MatchString(name):
		o.report(fmt.Errorf("env: invalid name %q: use capital letters, digits and underscores", name), "env", name)
		return
	}
	for i, variable := range o.c.env {
		if variable.Key == name {
			o.c.env[i].Value = node
			return
		}
	}
	o.c.env = append(o.c.env, template.Member{Key: name, Value: node})
}

// constant joins words to the name of an environment variable.
func constant(words ...string) string {
	text := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(strings.Join(words, "_")))
	if text[0] >= '0' && text[0] <= '9' {
		text = "_" + text
	}
	return text
}
