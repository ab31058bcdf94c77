package template

import (
	"time"

	"github.com/idmock/idmock/internal/fake"
)

// Scope is what expressions see. The field tags are the names that scenario files and provider folders use.
type Scope struct {
	Body      any               `expr:"body"`      // the call's decoded body
	Path      map[string]string `expr:"path"`      // path parameters
	Query     map[string]string `expr:"query"`     // the first value of each
	Header    map[string]string `expr:"header"`    // the first value of each, names in lower case
	Subject   string            `expr:"subject"`   // the identifier that the call asks about
	Sandbox   string            `expr:"sandbox"`   // known or unknown in a provider's sandbox, else empty
	Run       map[string]any    `expr:"run"`       // nil where there is no run
	Vars      map[string]any    `expr:"vars"`      // the scenario's own
	Account   map[string]any    `expr:"account"`   // name, and the credentials of the provider at hand
	Endpoint  map[string]any    `expr:"endpoint"`  // id and url of the webhook endpoint at hand
	Endpoints []any             `expr:"endpoints"` // all of them, where a dashboard lists them
	Delivery  map[string]any    `expr:"delivery"`  // id of the webhook at hand, the same on each of its attempts
	Sent      int64             `expr:"sent"`      // wall time of the attempt at hand, in Unix seconds; only in webhooks
	Error     map[string]any    `expr:"error"`     // kind, message, field, allow; only in error bodies
	Signature string            `expr:"signature"` // only in webhook headers
	Base      string            `expr:"base"`      // the provider's base URL, as whoever calls it reaches it; without a slash at its end
	Now       time.Time         `expr:"now"`       // account time
	Fake      *fake.Person      `expr:"fake"`      // the person of this account's seed and subject

	// Example renders the named example of an operation, in this same scope; with keys, the first of these members that
	// it has, or an empty object.
	Example func(operation, name string, keys ...string) (Raw, error) `expr:"example"`
}

// Raw is JSON text that goes into a document as it stands.
type Raw []byte
