package receiver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/idmock/idmock/openapi"
)

// Target is the receiver to be judged, and how. URL and Provider are needed; every other field has a useful zero value.
type Target struct {
	URL      string
	Provider *openapi.Provider
	// Switches choose among what the provider leaves open, such as its signature.
	Switches map[string]string
	// Credentials are those that the receiver knows, by name; those not given are derived from Account and Seed.
	Credentials map[string]string
	Account     string // empty: conformance
	// Headers are sent with every event: those that the provider was told to send. Where it signs nothing, the first of
	// them is what proves who sent an event.
	Headers [][2]string
	// NextSecret is a second one, with which the receiver takes events as well while its secret is being replaced.
	NextSecret string
	// OtherSecret is that of another account of the same provider, whose events the receiver takes elsewhere or not at all.
	// OldSecret is one with which it took events until it was replaced, and takes none any more.
	OtherSecret, OldSecret string

	Probe Probe
	// Reset empties the application before the checks. Prepare tells it of a subject before events about it. Start makes
	// it begin a verification of a subject by the provider's API. Restart ends it and begins it again; it returns when the
	// old process is gone.
	Reset, Prepare, Start, Restart Hook

	// APIAddr is where the provider's API is served to the application meanwhile. Empty: 127.0.0.1 and a free port.
	APIAddr string
	// Front, if not nil, puts the checks before the provider's API of a server that runs already, instead of serving one at
	// APIAddr: every call goes to gate, which answers it if it is about somebody of the checks, and else hands it to next.
	// api is the base URL there, and end takes the gate away.
	Front func(gate func(w http.ResponseWriter, r *http.Request, next http.Handler)) (api string, end func())
	// Serving, if not nil, is told the base URL of the API before anything is sent.
	Serving func(api string)
	// Dial opens connections to the application. Nil: to whatever address.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// CAFile holds the certificate of the authority that signed the receiver's; empty: the system's.
	CAFile string
	// Only and Skip are globs of check IDs. Nothing in Only means all, and Core all of the core.
	Only, Skip []string
	Core       bool
	// Seed chooses the order of the checks and what is made up. 0 picks one. Names and ids of what is sent are new in
	// every run: an application that keeps what it saw must not know them.
	Seed uint64
	// Strict lets warnings and missing evidence count as failures.
	Strict bool
	// ForgedAck takes a 2xx to a forged event for right if the probe shows that nothing came of it.
	ForgedAck bool
	// Parallel is how many checks are made side by side; 0: 8.
	Parallel int
	// Settle is how long an effect may take to be seen; 0: 5 s.
	Settle time.Duration
	// Command is how the run was begun; with --run and --seed behind it, a report says how to make a check again. Empty: from
	// URL and Provider.
	Command string
	// Version is told in the report and in User-Agent. Empty: dev.
	Version string

	nonce string // what makes the names and ids of this run new; empty: the time
}

// hooks are all ways into the application, by the names of their flags.
func (t *Target) hooks() map[string]*Hook {
	return map[string]*Hook{"probe-command": &t.Probe.Hook, "reset": &t.Reset, "prepare": &t.Prepare, "start": &t.Start, "restart": &t.Restart}
}

// Commands lists the hooks, by the names of their flags, that run a command on this machine: whoever takes a target from
// somebody else looks at them first.
func (t Target) Commands() []string {
	all := t.hooks()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool { return all[name].Command == "" })
}

func (t Target) account() string {
	if t.Account == "" {
		return "conformance"
	}
	return t.Account
}

func (t *Target) fill() {
	if t.Parallel == 0 {
		t.Parallel = 8
	}
	if t.Settle == 0 {
		t.Settle = 5 * time.Second
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

// Check finds what is wrong with the ways into the application, before anything is sent. All mistakes are told together.
func (t Target) Check() error {
	var problems []error
	for _, hook := range []struct {
		name string
		Hook
		whose bool // it is about somebody
	}{{"probe", t.Probe.Hook, true}, {"reset", t.Reset, false}, {"prepare", t.Prepare, true}, {"start", t.Start, true}, {"restart", t.Restart, false}} {
		if err := hook.check(hook.whose); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", hook.name, err))
		}
	}
	for _, path := range []string{t.Probe.Value, t.Probe.Effects, t.Probe.Text} {
		if _, err := steps(path); path != "" && err != nil {
			problems = append(problems, fmt.Errorf("probe: %w", err))
		}
	}
	return errors.Join(problems...)
}

// Granted are the words that are taken for access where a target names none.
func Granted() []string {
	return []string{"granted", "approved", "verified", "active", "confirmed", "true"}
}
