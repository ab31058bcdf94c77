package settings

import (
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
)

// Dashboard is the action of an operation that replaces a screen of the provider's dashboard.
type Dashboard struct {
	Read   bool       `yaml:"read"`
	List   bool       `yaml:"list"`   // lists all webhooks of a dashboard with several
	ID     Expression `yaml:"id"`     // the webhook's id, in a dashboard with several
	Update Expression `yaml:"update"` // yields the webhook's URL; empty removes it
	Create Expression `yaml:"create"` // yields the URL of an additional webhook
	Remove bool       `yaml:"remove"`
	// Missing is the example for a webhook that does not exist.
	Missing string `yaml:"missing"`
	// Events yields the names of the wanted events, Headers the pairs [name, value] that are sent with each delivery, and
	// Form the other fields of the screen, which expressions read as endpoint.form.
	Events  Expression `yaml:"events"`
	Headers Expression `yaml:"headers"`
	Form    Expression `yaml:"form"`
	// Switches yields values of the endpoint's switches; nil leaves a switch unchanged.
	Switches map[string]Expression `yaml:"switches"`
	Test     string                `yaml:"test"` // the event that a test request sends
	Now      bool                  `yaml:"now"`  // send the test before the response, which reports it as delivery
	// Resend yields the id of a delivery, as ${delivery.id} in its header or body, whose event is sent again.
	Resend Expression `yaml:"resend"`
}

// UnmarshalYAML accepts the words read and list for the actions without arguments.
func (d *Dashboard) UnmarshalYAML(n ast.Node) error {
	if word, ok := n.(*ast.StringNode); ok {
		d.Read, d.List = word.Value == "read", word.Value == "list"
		if !d.Read && !d.List {
			return &template.YAMLError{Node: n, Err: fmt.Errorf("invalid dashboard verb %q: use read, list, {update: EXPRESSION}, {create: EXPRESSION}, {id: EXPRESSION, remove: true}, {test: EVENT} or {resend: EXPRESSION}", word.Value)}
		}
		return nil
	}
	type plain Dashboard
	return yaml.NodeToValue(n, (*plain)(d), yaml.Strict())
}
