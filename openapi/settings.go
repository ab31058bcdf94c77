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
)

// settings is provider.yaml as it is written. Unknown keys are errors: a misspelt one would silently do nothing.
type settings struct {
	Title       string                `yaml:"title"`
	Prefix      string                `yaml:"prefix"`
	Hosts       []string              `yaml:"hosts"`
	Credential  credential            `yaml:"credential"`
	Credentials yaml.MapSlice         `yaml:"credentials"`
	Parameters  string                `yaml:"parameters"` // anywhere: what stands in the query counts as part of the body
	Errors      map[string]errorReply `yaml:"errors"`
	Runs        []runRule             `yaml:"runs"`
	Webhook     webhookSettings       `yaml:"webhook"`
	Events      map[string]eventRule  `yaml:"events"`
	Switches    map[string][]string   `yaml:"switches"`
	Dashboard   map[string]dashboard  `yaml:"dashboard"`
	Sandbox     sandbox               `yaml:"sandbox"`
	Simulate    map[string]string     `yaml:"simulate"`
	Guesses     []string              `yaml:"guesses"`
}

type errorReply struct {
	Status int      `yaml:"status"`
	Body   ast.Node `yaml:"body"`
}

// runRule says how calls to some operations find their run.
type runRule struct {
	On      globs       `yaml:"on"`
	Subject expressions `yaml:"subject"` // the first that yields something names who or what is asked about; the call starts a run
	Find    expressions `yaml:"find"`    // the first that yields something is the reference of an existing run
	Missing string      `yaml:"missing"` // the example to answer with when there is no such run
	// Reference is the name of a run that starts, in the provider's own format; run.id is a fresh UUID to make it of. A
	// run without one is called by that UUID.
	Reference Expression `yaml:"reference"`
	// Alias is a further name. Of a run that starts it is taken once its rule has played, and a later run takes it over;
	// a call that has no reference to find its run by finds it by this.
	Alias expressions `yaml:"alias"`
}

type webhookSettings struct {
	Method    string      `yaml:"method"`
	Timeout   Duration    `yaml:"timeout"`
	Accept    []string    `yaml:"accept"`
	Retry     Retry       `yaml:"retry"`
	Headers   [][2]string `yaml:"headers"`
	Signature Signature   `yaml:"signature"`
	// Signatures are those that an endpoint's switch called signature may choose instead, by its value.
	Signatures map[string]Signature `yaml:"signatures"`
}

type eventRule struct {
	Webhook     string `yaml:"webhook"`
	Template    string `yaml:"template"`
	Overlay     string `yaml:"overlay"`
	Description string `yaml:"description"`
	// Shapes are other templates for the same event, which an endpoint's switch called shape may choose, by its value.
	Shapes map[string]string `yaml:"shapes"`
}

// dashboard says what an operation does that stands in for a screen of the provider's dashboard.
type dashboard struct {
	Read   bool       `yaml:"read"`
	Update Expression `yaml:"update"` // yields the webhook's URL; empty takes it away
	// Switches are values for the endpoint's switches; one that yields nil leaves its switch as it is.
	Switches map[string]Expression `yaml:"switches"`
	Test     string                `yaml:"test"` // the event that a test call sends
}

type sandbox struct {
	Hosts  []string                    `yaml:"hosts"`
	Keys   Pattern                     `yaml:"keys"`
	Values map[string][]map[string]any `yaml:"values"`
}

// Pattern is a regular expression in a YAML file. The zero value matches nothing.
type Pattern struct{ *regexp.Regexp }

// UnmarshalYAML compiles the pattern.
func (p *Pattern) UnmarshalYAML(b []byte) error {
	var s string
	if err := yaml.Unmarshal(b, &s); err != nil {
		return err
	}
	re, err := regexp.Compile(s)
	p.Regexp = re
	return err
}

// Match reports whether the pattern matches.
func (p Pattern) Match(s string) bool { return p.Regexp != nil && p.MatchString(s) }

// Duration is a time.Duration in a YAML file: 30s, 5m, 2d.
type Duration time.Duration

// UnmarshalYAML parses the duration.
func (d *Duration) UnmarshalYAML(b []byte) error {
	var s string
	if err := yaml.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := duration.Parse(s)
	*d = Duration(v)
	return err
}

// Expression is a compiled expression in a YAML file. The zero value is no expression.
type Expression struct{ *template.Expression }

// UnmarshalYAML compiles the expression.
func (e *Expression) UnmarshalYAML(b []byte) error {
	var s string
	if err := yaml.Unmarshal(b, &s); err != nil {
		return err
	}
	compiled, err := template.Compile(s)
	e.Expression = compiled
	return err
}

// expressions are alternatives: one or a list.
type expressions []Expression

func (e *expressions) UnmarshalYAML(b []byte) error {
	list, err := oneOrMore[Expression](b)
	*e = list
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

func (g *globs) UnmarshalYAML(b []byte) error {
	list, err := oneOrMore[string](b)
	*g = list
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

func oneOrMore[T any](b []byte) ([]T, error) {
	var list []T
	if err := yaml.Unmarshal(b, &list); err == nil {
		return list, nil
	}
	var one T
	err := yaml.Unmarshal(b, &one)
	return []T{one}, err
}

// UnmarshalYAML accepts the bare word read for the verb that needs no argument.
func (d *dashboard) UnmarshalYAML(b []byte) error {
	var word string
	if err := yaml.Unmarshal(b, &word); err == nil {
		if word != "read" {
			return fmt.Errorf("dashboard verb %q: want read, or {update: EXPRESSION}, or {test: EVENT}", word)
		}
		d.Read = true
		return nil
	}
	type plain dashboard
	return yaml.UnmarshalWithOptions(b, (*plain)(d), yaml.Strict())
}
