package template

import (
	"time"

	"github.com/idmock/idmock/internal/fake"
)

// Scope holds the variables of expressions. The field tags are their names in scenario files and provider directories.
type Scope struct {
	Body      any               `expr:"body"`      // the request's decoded body
	Resource  map[string]any    `expr:"resource"`  // what requests have sent about the run so far; that of the current request without a run
	Path      map[string]string `expr:"path"`      // path parameters
	Query     map[string]string `expr:"query"`     // first values
	Header    map[string]string `expr:"header"`    // first values by lower-case name
	Subject   string            `expr:"subject"`   // the requested identifier
	Sandbox   string            `expr:"sandbox"`   // outcome of the request in a provider's sandbox, otherwise empty
	Run       map[string]any    `expr:"run"`       // nil without a run
	Wallet    map[string]any    `expr:"wallet"`    // balance and currency with the current provider; nil unless it was filled
	Vars      map[string]any    `expr:"vars"`      // the scenario's vars
	Account   map[string]any    `expr:"account"`   // name, seed, and the credentials with the current provider
	Endpoint  map[string]any    `expr:"endpoint"`  // id and url of the current webhook endpoint
	Endpoints []any             `expr:"endpoints"` // all endpoints, for a dashboard that lists them
	Delivery  map[string]any    `expr:"delivery"`  // id of the current webhook, the same for all its attempts, and its event
	Sent      int64             `expr:"sent"`      // wall time of the current attempt, in Unix seconds; only in webhooks
	Error     map[string]any    `expr:"error"`     // kind, message, field, allow; only in error bodies
	Signature string            `expr:"signature"` // only in webhook headers
	Base      string            `expr:"base"`      // the provider's base URL as its clients see it, without a trailing slash
	Now       time.Time         `expr:"now"`       // account time
	Fake      *fake.Person      `expr:"fake"`      // the person for the account's seed and the subject

	// Person, if not nil, generates Fake when an expression first needs it. Copies of a scope share it.
	Person *fake.Lazy `expr:"-"`

	// Named is the name by which the request refers to the run, empty if it names none.
	Named string `expr:"-"`
	// Listed are the scopes of the runs that the request lists; nil: it lists none.
	Listed []*Scope `expr:"-"`

	// Spent counts their time and memory.
	Spent Spent `expr:"-"`

	// Example renders the named example of an operation in this scope. With keys, it returns the first member that exists,
	// or an empty object.
	Example func(operation, name string, keys ...string) (Raw, error) `expr:"example"`
}

// Generated returns the generated person, nil if the scope has none.
func (s *Scope) Generated() *fake.Person { return s.person() }

// person returns the generated person; nil if the scope has none.
func (s *Scope) person() *fake.Person {
	if s.Fake == nil && s.Person != nil {
		s.Fake = s.Person.Get()
	}
	return s.Fake
}

// Raw is JSON that is inserted into a document verbatim.
type Raw []byte
