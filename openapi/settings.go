package openapi

import (
	"fmt"
	"regexp"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/signing"
)

// settings is provider.yaml as it is written. Unknown keys are errors: a misspelt one would silently do nothing.
type settings struct {
	Title         string                `yaml:"title"`
	Prefix        string                `yaml:"prefix"`
	Hosts         []string              `yaml:"hosts"`
	Credential    credential            `yaml:"credential"`
	Credentials   yaml.MapSlice         `yaml:"credentials"`
	TrailingSlash bool                  `yaml:"trailing_slash"` // paths are taken with a slash at their end, too
	Parameters    string                `yaml:"parameters"`     // anywhere: the query counts as part of the body
	Errors        map[string]errorReply `yaml:"errors"`
	Runs          []runRule             `yaml:"runs"`
	Webhook       webhookSettings       `yaml:"webhook"`
	Events        map[string]eventRule  `yaml:"events"`
	Switches      map[string][]string   `yaml:"switches"`
	Dashboard     map[string]dashboard  `yaml:"dashboard"`
	Screens       []Screen              `yaml:"screens"`
	Sandbox       sandbox               `yaml:"sandbox"`
	Simulate      map[string]string     `yaml:"simulate"`
	SDK           sdk                   `yaml:"sdk"`
	Conformance   *Conformance          `yaml:"conformance"`
	Env           yaml.MapSlice         `yaml:"env"` // variables that point an application at the mock, beside base URL and credentials
	Guesses       []string              `yaml:"guesses"`
}

type errorReply struct {
	Status int      `yaml:"status"`
	Body   ast.Node `yaml:"body"`
}

// runRule says how calls to some operations find their run.
type runRule struct {
	On      globs       `yaml:"on"`
	Subject expressions `yaml:"subject"` // the first with a value names the subject; the call starts a run
	Find    expressions `yaml:"find"`    // the first that yields something is the reference of an existing run
	// Missing is the example to answer with when there is no such run. Without it the scenario's rules say, and see a run
	// without a reference.
	Missing string `yaml:"missing"`
	// Reference is the name of a run that starts, in the provider's own format; run.id is a fresh UUID to make it of. A
	// run without one is called by that UUID.
	Reference Expression `yaml:"reference"`
	// Alias is a further name. Of a run that starts it is taken once its rule has played, and a later run takes it over;
	// a call that has no reference to find its run by finds it by this.
	Alias expressions `yaml:"alias"`
}

type webhookSettings struct {
	Method  string   `yaml:"method"`
	Timeout Duration `yaml:"timeout"`
	Accept  []string `yaml:"accept"`
	// Source is the address of the mock's own machine that webhooks come from, where neither the endpoint nor a flag says.
	Source string `yaml:"source"`
	// Exhausted yields the addresses to notify, besides the journal, after the last attempt has failed: addresses, or nil.
	Exhausted Expression `yaml:"exhausted"`
	Retry     Retry      `yaml:"retry"`
	// Jitter is the share of a wait by which the next attempt may come sooner or later, from 0 to below 1.
	Jitter float64 `yaml:"jitter"`
	// RetryAfter: honour waits as long as a receiver that answers 429 or 503 asks in its header Retry-After.
	RetryAfter string `yaml:"retry_after"`
	// Gone: disable sends nothing any more to a receiver that answers 410, whose webhook is taken away.
	Gone         string         `yaml:"gone"`
	Registration Registration   `yaml:"registration"`
	Headers      [][2]string    `yaml:"headers"`
	Signature    signing.Config `yaml:"signature"`
	// Signatures are those that an endpoint's switch called signature may choose instead, by its value.
	Signatures map[string]signing.Config `yaml:"signatures"`
}

type eventRule struct {
	Webhook     string `yaml:"webhook"`
	Template    string `yaml:"template"`
	Overlay     string `yaml:"overlay"`
	Description string `yaml:"description"`
	// OnRequest keeps the event from endpoints that do not name it among theirs.
	OnRequest bool `yaml:"on_request"`
	// Shapes are other templates for the same event, which an endpoint's switch called shape may choose, by its value.
	Shapes map[string]string `yaml:"shapes"`
}

// dashboard is the effect of an operation that represents a screen of the provider's dashboard.
type dashboard struct {
	Read   bool       `yaml:"read"`
	List   bool       `yaml:"list"`   // shows all webhooks, as endpoints, where the dashboard knows several
	ID     Expression `yaml:"id"`     // which webhook, where the dashboard knows several
	Update Expression `yaml:"update"` // yields the webhook's URL; empty takes it away
	Create Expression `yaml:"create"` // yields the URL of a webhook beside those that there are
	Remove bool       `yaml:"remove"`
	// Missing is the example of the response if the webhook does not exist.
	Missing string `yaml:"missing"`
	// Events yields the names of the events that the webhook wants, Headers lines [name, value] that are sent with each
	// of its deliveries, and Form whatever else the screen shows again, which expressions see as endpoint.form.
	Events  Expression `yaml:"events"`
	Headers Expression `yaml:"headers"`
	Form    Expression `yaml:"form"`
	// Switches are values for the endpoint's switches; one that yields nil leaves its switch as it is.
	Switches map[string]Expression `yaml:"switches"`
	Test     string                `yaml:"test"` // the event that a test call sends
	Now      bool                  `yaml:"now"`  // the test call is made before the answer, which tells of it as delivery
	// Resend yields the id of a delivery, as ${delivery.id} in its header or body, whose event is to be sent once more.
	Resend Expression `yaml:"resend"`
}

type sandbox struct {
	Hosts  []string                    `yaml:"hosts"`
	Keys   Pattern                     `yaml:"keys"`
	Values map[string][]map[string]any `yaml:"values"`
}

// Pattern is a regular expression in a YAML file. The zero value matches nothing.
type Pattern struct{ *regexp.Regexp }

// UnmarshalYAML compiles the pattern.
func (p *Pattern) UnmarshalYAML(n ast.Node) (err error) {
	p.Regexp, err = read(n, regexp.Compile)
	return err
}

// Match reports whether the pattern matches.
func (p Pattern) Match(s string) bool { return p.Regexp != nil && p.MatchString(s) }

// Duration is a time.Duration in a YAML file: 30s, 5m, 2d.
type Duration time.Duration

// UnmarshalYAML parses the duration.
func (d *Duration) UnmarshalYAML(n ast.Node) error {
	v, err := read(n, duration.Parse)
	*d = Duration(v)
	return err
}

// Expression is a compiled expression in a YAML file. The zero value is empty.
type Expression struct{ *template.Expression }

// UnmarshalYAML compiles the expression.
func (e *Expression) UnmarshalYAML(n ast.Node) (err error) {
	e.Expression, err = read(n, template.Compile)
	return err
}

// expressions are alternatives: one or a list.
type expressions []*template.Expression

func (e *expressions) UnmarshalYAML(n ast.Node) (err error) {
	*e, err = oneOrMore(n, template.Compile)
	return err
}

// first returns the first value that is neither nil nor empty, as text.
func (e expressions) first(s *template.Scope) string {
	for _, alternative := range e {
		if v, err := alternative.Value(s); err == nil && v != nil {
			if text := fmt.Sprint(v); text != "" {
				return text
			}
		}
	}
	return ""
}

type globs []string

func (g *globs) UnmarshalYAML(n ast.Node) (err error) {
	*g, err = oneOrMore(n, func(s string) (string, error) { return s, nil })
	return err
}

func (g globs) match(id string) bool {
	for _, pattern := range g {
		if glob.Match(pattern, id) {
			return true
		}
	}
	return false
}

// read reads a text with a meaning of its own. The error has its line.
func read[T any](n ast.Node, parse func(string) (T, error)) (T, error) {
	var text string
	var none T
	if err := yaml.NodeToValue(n, &text); err != nil {
		return none, err
	}
	v, err := parse(text)
	if err != nil {
		return none, &template.YAMLError{Node: n, Err: err}
	}
	return v, nil
}

func oneOrMore[T any](n ast.Node, parse func(string) (T, error)) ([]T, error) {
	items := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		items = list.Values
	}
	all := make([]T, len(items))
	for i, item := range items {
		v, err := read(item, parse)
		if err != nil {
			return nil, err
		}
		all[i] = v
	}
	return all, nil
}

// UnmarshalYAML accepts the bare words read and list for the verbs that need no argument.
func (d *dashboard) UnmarshalYAML(n ast.Node) error {
	if word, ok := n.(*ast.StringNode); ok {
		d.Read, d.List = word.Value == "read", word.Value == "list"
		if !d.Read && !d.List {
			return &template.YAMLError{Node: n, Err: fmt.Errorf("dashboard verb %q: want read, list, {update: EXPRESSION}, {create: EXPRESSION}, {id: EXPRESSION, remove: true}, {test: EVENT} or {resend: EXPRESSION}", word.Value)}
		}
		return nil
	}
	type plain dashboard
	return yaml.NodeToValue(n, (*plain)(d), yaml.Strict())
}
