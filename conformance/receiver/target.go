package receiver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/openapi"
)

// Target is the receiver to test, and how. URL and Provider are required; every other field has a useful zero value.
type Target struct {
	URL      string
	Provider *openapi.Provider
	// Switches are choices that the provider leaves open, such as its signature.
	Switches map[string]string
	// Credentials are those that the receiver knows, by name; the others are derived from Account and Seed.
	Credentials map[string]string
	Account     string // empty: conformance
	// Headers are sent with every event, as an endpoint's configured headers. Where the provider signs nothing, the first
	// one proves the sender.
	Headers [][2]string
	// NextSecret is a second secret that the receiver accepts while its secret is being replaced.
	NextSecret string
	// OtherSecret is that of another account of the same provider. OldSecret is one that the receiver accepted until it was
	// replaced.
	OtherSecret, OldSecret string

	Probe Probe
	// Reset empties the application before the checks. Prepare creates a subject before events about it. Start makes the
	// application start a verification through the provider's API. Restart stops the application and starts it again; it
	// returns when the old process has ended.
	Reset, Prepare, Start, Restart Hook

	// APIAddr is where the provider's API is served to the application. Empty: 127.0.0.1 and a free port.
	APIAddr string
	// Front, if not nil, puts the checks in front of the API of a server that is already running: gate handles requests
	// about the people of the checks and passes all others to next. api is the base URL there; end removes the gate.
	Front func(gate func(w http.ResponseWriter, r *http.Request, next http.Handler)) (api string, end func())
	// Serving, if not nil, receives the base URL of the API before anything is sent.
	Serving func(api string)
	// Dial opens connections to the application. Nil: to any address.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// CAFile holds the authority of the receiver's certificate in PEM; empty: the system's authorities.
	CAFile string
	// Only and Skip are globs of check IDs. An empty Only selects all; Core selects the core set.
	Only, Skip []string
	Core       bool
	// Seed determines the order of the checks and the generated data; 0 draws one. Names and IDs are
	// new in every run regardless: an application that stores them must not have seen them.
	Seed uint64
	// FailOn is the weakest level whose violation fails the run: MUST, which is the default, or SHOULD.
	FailOn conformance.Level
	// Strict counts warnings and missing evidence as failures.
	Strict bool
	// ForgedAck accepts a 2xx to a forged event if the probe shows that it had no effect.
	ForgedAck bool
	// Parallel is the number of concurrent checks; 0: 8.
	Parallel int
	// Reconcile is the time within which the application finds results whose events never arrive; 0: it does not claim to.
	Reconcile time.Duration
	// Budget bounds the run: checks that have not begun by then are skipped. 0: 3 minutes; negative: no bound.
	Budget time.Duration
	// Settle is the longest time until an effect is visible; 0: 5 s.
	Settle time.Duration
	// Command is the command that started the run; a report adds --run and --seed to repeat a check. Empty: built from URL
	// and Provider.
	Command string
	// Version appears in the report and in User-Agent. Empty: dev.
	Version string

	nonce string // makes names and IDs of this run new; empty: the time
}

// Granted are the states that count as access for a target without its own.
func Granted() []string {
	return []string{"granted", "approved", "verified", "active", "confirmed", "true"}
}

// hooks are the hooks of the target by the names of their flags.
func (t *Target) hooks() map[string]*Hook {
	return map[string]*Hook{"probe-command": &t.Probe.Hook, "reset": &t.Reset, "prepare": &t.Prepare, "start": &t.Start, "restart": &t.Restart}
}

// Commands lists the hooks that run a command on this machine, by the names of their flags. Check it before running a
// target from an untrusted source.
func (t Target) Commands() []string {
	hooks := t.hooks()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(hooks)), func(name string) bool { return hooks[name].Command == "" })
}

// setDefaults replaces zero values.
func (t *Target) setDefaults() {
	if t.Parallel == 0 {
		t.Parallel = 8
	}
	if t.Settle == 0 {
		t.Settle = 5 * time.Second
	}
	if t.Budget == 0 {
		t.Budget = 3 * time.Minute
	}
	if t.Version == "" {
		t.Version = "dev"
	}
	if t.APIAddr == "" {
		t.APIAddr = "127.0.0.1:0"
	}
	if t.Probe.Value == "" {
		t.Probe.Value = "$.status"
	}
	if t.Probe.Effects == "" {
		t.Probe.Effects = "$.effects"
	}
	if len(t.Probe.Granted) == 0 {
		t.Probe.Granted = Granted()
	}
}

// Check reports invalid hooks and JSONPaths, all of them, before anything is sent.
func (t Target) Check() error {
	var problems []error
	add := func(name string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
		}
	}
	for _, err := range t.Probe.Check() {
		add("probe", err)
	}
	add("reset", t.Reset.Check(false))
	add("prepare", t.Prepare.Check(true))
	add("start", t.Start.Check(true))
	add("restart", t.Restart.Check(false))
	return errors.Join(problems...)
}

// Profile returns the provider as this receiver sees it. The error is the user's, such as an unknown credential.
func (t Target) Profile() (*Profile, error) {
	return profile.New(t.Provider, profile.Options{
		URL: t.URL, Switches: t.Switches, Account: t.Account, Credentials: t.Credentials, Headers: t.Headers,
		Secrets: map[mutate.Secret]string{mutate.Next: t.NextSecret, mutate.OtherTenant: t.OtherSecret, mutate.Previous: t.OldSecret},
		Seed:    t.Seed, Nonce: t.nonce, Version: t.Version,
	})
}

// apiConfig configures the provider's API for the application.
func (t Target) apiConfig() evidence.APIConfig {
	return evidence.APIConfig{Addr: t.APIAddr, Credentials: t.Credentials, Seed: t.Seed, Version: t.Version, Front: t.Front}
}

// repeat returns the command that repeats a check.
func (t Target) repeat(id string) string {
	command := t.Command
	if command == "" {
		command = "idmock check receiver " + t.URL + " --provider " + t.Provider.Name
	}
	return conformance.Repeat(command, id, t.Seed)
}

// redactor returns a redactor of the values that reports must not contain: credentials, configured headers, and the credentials in URLs.
func (t Target) redactor(p *Profile) *conformance.Redactor {
	var r conformance.Redactor
	secrets := p.Confidential()
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		r.Add(name, secrets[name])
	}
	for _, h := range t.Headers {
		r.Add(strings.ToLower(h[0]), h[1])
		if token := profile.BareToken(h[1]); token != h[1] {
			r.Add(strings.ToLower(h[0]), token)
		}
	}
	for _, address := range []string{t.URL, t.Probe.URL, t.Reset.URL, t.Prepare.URL, t.Start.URL, t.Restart.URL} {
		r.AddURL(address)
	}
	return &r
}
