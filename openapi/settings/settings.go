// Package settings reads provider.yaml: credentials, errors, runs, outcomes, webhooks with their retry rule, events, switches,
// dashboard, screens, sandbox, SDK and conformance data, as typed values.
//
// It checks each section as far as the file itself allows. Checks against openapi.yaml and everything that a provider
// does with its settings belong to package openapi.
package settings

import (
	"bytes"
	"cmp"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Settings is provider.yaml. Unknown keys are errors: a misspelt key would silently do nothing.
type Settings struct {
	Title         string                   `yaml:"title"`
	Prefix        string                   `yaml:"prefix"`
	Hosts         []string                 `yaml:"hosts"`
	BasePaths     []string                 `yaml:"base_paths"` // accepted before each path, such as /v1: those of the document's servers
	Credential    Credential               `yaml:"credential"`
	Credentials   yaml.MapSlice            `yaml:"credentials"`
	TrailingSlash bool                     `yaml:"trailing_slash"` // accept a slash after each path
	Parameters    string                   `yaml:"parameters"`     // anywhere: query parameters count as members of the body
	Forms         string                   `yaml:"forms"`          // anywhere: forms are accepted where the document has JSON
	Echo          bool                     `yaml:"echo"`           // responses repeat what was sent, and show the run
	Errors        map[string]ErrorResponse `yaml:"errors"`
	Runs          []Run                    `yaml:"runs"`
	Variables     Variables                `yaml:"variables"`
	Outcomes      Outcomes                 `yaml:"outcomes"`
	Webhook       Webhook                  `yaml:"webhook"`
	Events        map[string]Event         `yaml:"events"`
	Switches      Switches                 `yaml:"switches"`
	Dashboard     map[string]Dashboard     `yaml:"dashboard"`
	Screens       []Screen                 `yaml:"screens"`
	Sandbox       Sandbox                  `yaml:"sandbox"`
	Wallet        *Wallet                  `yaml:"wallet"`
	Simulate      map[string]string        `yaml:"simulate"`
	SDK           SDK                      `yaml:"sdk"`
	Conformance   *Conformance             `yaml:"conformance"`
	Env           yaml.MapSlice            `yaml:"env"` // environment variables for an application, beside base URL and credentials
	Guesses       []string                 `yaml:"guesses"`
	Sources       Sources                  `yaml:"sources"` // where operations and events are known from
}

// Read decodes provider.yaml. The error is of go-yaml, or of joined [template.YAMLError]; both have a position.
func Read(src []byte) (s Settings, err error) {
	err = yaml.NewDecoder(bytes.NewReader(src), yaml.Strict(), yaml.UseOrderedMap()).Decode(&s)
	if err != nil { // the decoder stops at the first error
		err = cmp.Or(checkKeys(src), err)
	}
	return s, err
}

// Anywhere is the value of parameters that accepts them in the query and in the body, and that of forms.
const Anywhere = "anywhere"

// Reporter collects an error at a path of keys. It ignores nil errors.
type Reporter func(err error, path ...string)

// ErrorResponse is the response for a kind of error.
type ErrorResponse struct {
	Status      int      `yaml:"status"`
	ContentType string   `yaml:"content_type"` // default: application/json
	Body        ast.Node `yaml:"body"`
}

// Run connects requests to some operations with their run.
type Run struct {
	On      Globs       `yaml:"on"`
	Subject Expressions `yaml:"subject"` // the first value names the subject; the request starts a run
	Find    Expressions `yaml:"find"`    // the first value is the reference of an existing run
	// ID is the path of the reference in responses, with dots, such as data.id. It is used with echo.
	ID string `yaml:"id"`
	// Change is what the request does to what the run was started with: merge (members are replaced, or removed by null),
	// replace, or remove, after which the run is not found.
	Change string `yaml:"change"`
	// List has the response list the runs that these operations started, the latest first. It is used with echo.
	List Globs `yaml:"list"`
	// Missing is the example for a run that does not exist, or not-found: the error of that kind. Without it the scenario's
	// rules decide, with an empty run.
	Missing string `yaml:"missing"`
	// Reference names a new run in the provider's format; run.id is a new UUID to derive it from. Default: that UUID.
	Reference Expression `yaml:"reference"`
	// Alias is a second name. A new run takes it after its rule has run, from an older run if need be; a request without a
	// reference finds its run by the alias.
	Alias Expressions `yaml:"alias"`
}

// Event is an event of the provider.
type Event struct {
	Webhook string `yaml:"webhook"` // of the document; empty: the event's name
	// Template is the file of the event's body. Without one, the body is generated from the schema of the webhook.
	Template string `yaml:"template"`
	// ID is the path of the run's reference in a generated body, with dots, such as data.id.
	ID string `yaml:"id"`
	// To yields the URL that the event is sent to, from the request that started the run, in place of the registered ones.
	To          Expression `yaml:"to"`
	Overlay     string     `yaml:"overlay"`
	Description string     `yaml:"description"`
	// OnRequest sends the event only to endpoints whose event list names it.
	OnRequest bool `yaml:"on_request"`
	// Reports are the outcomes that the event can report; empty: all.
	Reports Texts `yaml:"reports"`
	// Secret is the credential that signs the event, in place of that of all events.
	Secret string `yaml:"secret"`
	// Shapes are alternative templates, by the values of the switch shape.
	Shapes map[string]string `yaml:"shapes"`
}

// Sandbox describes the sandbox of the real service. Outcomes list the values that come to them.
type Sandbox struct {
	Hosts  []string `yaml:"hosts"`
	Keys   Pattern  `yaml:"keys"`
	Others string   `yaml:"others"` // outcome of other values than those that outcomes list for an operation
}

// Changes are the values of [Run.Change].
func Changes() []string { return []string{Merge, Replace, Remove} }

// What a request does to what the run was started with.
const (
	Merge   = "merge"
	Replace = "replace"
	Remove  = "remove"
)
