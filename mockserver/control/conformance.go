package control

import (
	"context"
	"encoding/json"
	"time"
)

// Checks runs the conformance suite against receivers and providers. The API passes its results on unchanged.
type Checks interface {
	// Profiles returns the providers and schemes that can be checked.
	Profiles(ctx context.Context) ([]CheckProfile, error)
	// List returns the checks of a kind, receiver or provider, as they apply to a provider; "" is any provider.
	List(ctx context.Context, kind, provider string) ([]Check, error)
	// Begin starts a run and returns without waiting for it.
	Begin(ctx context.Context, r CheckRequest) (CheckRun, error)
	// Runs returns the retained runs of an account, newest first.
	Runs(ctx context.Context, account string) ([]CheckRun, error)
	// Run returns a run once it has ended, or as it is after patience. It returns store.ErrNotFound if it is not retained.
	Run(ctx context.Context, id string, patience time.Duration) (CheckReport, error)
	// Result returns the result of one check with its exchanges, as report.schema.json describes it.
	Result(ctx context.Context, id, check string) (json.RawMessage, error)
	// Report returns the report of a run, finished or not: json, junit, html or text.
	Report(ctx context.Context, id, format string) ([]byte, error)
	// Stop stops a run, waits until it has ended, and keeps its results.
	Stop(ctx context.Context, id string) (CheckRun, error)
}

// CheckProfile is a provider, or a common signature scheme, that can be checked.
type CheckProfile struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	Kinds []string `json:"kinds"` // receiver, provider
	Base  string   `json:"base"`  // base URL on this server; empty: not served here
}

// Check is one requirement.
type Check struct {
	ID      string `json:"id"`
	Level   string `json:"level"` // MUST, SHOULD or INFO
	Title   string `json:"title"`
	Core    bool   `json:"core"`
	Applies bool   `json:"applies"`
	Reason  string `json:"reason,omitempty"` // why it does not apply
}

// CheckRequest starts a run. The fields have the names of the flags of `idmock check`.
type CheckRequest struct {
	Account  string `json:"-"`    // from the query: sender of the events; "": the default caller
	Kind     string `json:"kind"` // receiver or provider
	Provider string `json:"provider"`
	URL      string `json:"url"`

	// Receivers. Empty fields take the account's values.
	Credential   map[string]string `json:"credential"`
	NextSecret   string            `json:"next_secret"`
	OtherSecret  string            `json:"other_secret"`
	OldSecret    string            `json:"old_secret"`
	Header       []string          `json:"header"` // "NAME: VALUE"
	Switch       map[string]string `json:"switch"`
	Probe        string            `json:"probe"`
	ProbeValue   string            `json:"probe_value"`
	ProbeEffects string            `json:"probe_effects"`
	ProbeText    string            `json:"probe_text"`
	Granted      []string          `json:"granted"`
	Reset        string            `json:"reset"` // URL, like the next three
	Prepare      string            `json:"prepare"`
	Start        string            `json:"start"`
	Restart      string            `json:"restart"`
	APIAddr      string            `json:"api_addr"` // address of the provider's API; empty: this server, if it serves the provider
	ForgedAck    bool              `json:"forged_ack"`
	Reconcile    string            `json:"reconcile"` // duration, such as 30s; empty: results that never arrive are not found
	Budget       string            `json:"budget"`    // duration; empty: no bound

	// Providers.
	Key          string `json:"key"`
	OtherKey     string `json:"other_key"`
	BadKey       string `json:"bad_key"`
	ForbiddenKey string `json:"forbidden_key"`
	Listen       string `json:"listen"`
	ListenURL    string `json:"listen_url"`

	Only    []string `json:"run"` // glob patterns of check IDs
	Skip    []string `json:"skip"`
	Core    bool     `json:"core"`
	Strict  bool     `json:"strict"`
	FailOn  string   `json:"fail_on"` // must or should; empty: must
	Seed    uint64   `json:"seed"`
	Waivers string   `json:"waivers"` // content of a waivers file
}

// CheckRun is a run of the conformance suite.
type CheckRun struct {
	ID         string            `json:"id"`
	Account    string            `json:"account"`
	Kind       string            `json:"kind"`
	Provider   string            `json:"provider"`
	URL        string            `json:"url"`
	State      string            `json:"state"` // running, ended, stopped or failed
	Started    time.Time         `json:"started"`
	Ended      time.Time         `json:"ended,omitzero"`
	Seed       uint64            `json:"seed"`
	API        string            `json:"api,omitempty"`    // base URL of the provider's API during the run
	Secret     map[string]string `json:"secret,omitempty"` // credentials that the receiver needs, by name
	Total      int               `json:"total"`
	Done       int               `json:"done"`
	Counts     map[string]int    `json:"counts"`               // results by verdict
	Code       *int              `json:"code,omitempty"`       // exit code of the command: 0 passed, 1 failed, 2 could not be tested
	Conclusion string            `json:"conclusion,omitempty"` // summary, or the reason for a failed run
	Headline   string            `json:"headline,omitempty"`   // most likely cause of the failures
	Advice     string            `json:"advice,omitempty"`
}

// CheckReport is a run with its results, without their exchanges.
type CheckReport struct {
	CheckRun
	Results []json.RawMessage `json:"results"`
}
