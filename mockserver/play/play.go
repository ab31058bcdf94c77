// Package play plays scenarios on a running server, over its control API, and judges a webhook receiver by the result.
//
// [Player.Play] plays suites of scenario files and fills a [Report]; [Progress] shows it on a terminal. [Trigger] sends a
// single event.
//
// The package starts no server and reads no files. What a scenario does is decided by the server; requirements on
// receivers beyond a scenario's expectations belong to package conformance.
package play

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/client"
)

// stopTimeout bounds the requests that are made after a player was stopped.
const stopTimeout = 3 * time.Second

// source is the source of the scenarios that a player uploads.
const source = "play"

// ErrScenario reports that a scenario could not be played: its file is invalid, or the server refused it.
var ErrScenario = errors.New("scenario not played")

// Player plays scenarios. Each plays in an account of its own.
type Player struct {
	Server  *client.Client
	To      string // URL of the receiver
	Account string // several scenarios get -1, -2 and so on appended
	Subject string // empty: that of the documented example
	Speed   Speed
	Seed    uint64
	// Requests is how many requests begin a scenario without a start rule; 0: as many as its rules need, mostly one.
	Requests int
	// Parallel is how many scenarios play side by side; 0 is one.
	Parallel int
	// AllowUnroutable keeps events that reach no endpoint from failing a scenario.
	AllowUnroutable bool
	// KeepStopped freezes the account of a scenario that was stopped half way, on a server that keeps running.
	KeepStopped bool
	// Validate checks a scenario file before it is uploaded; nil leaves that to the server.
	Validate func(File) error
	// Known reports whether the user chose a credential. Others are printed; a chosen one may be real.
	Known func(provider, name string) bool
	// Hidden names headers of webhooks whose values reports leave out, beside those that look like secrets.
	Hidden []string
	// Command returns the command that plays a scenario again; for a report, secrets are variables of the shell in it.
	Command func(s *Scenario, report bool) string
}

// File is a scenario file.
type File struct {
	Name string
	Text []byte
}

// Suite is a group of scenario files, such as a directory.
type Suite struct {
	Name  string
	Files []File
}

// with returns the files to upload for one file of the suite: itself, and the default scenario of its directory.
func (s Suite) with(played File) []File {
	files := []File{played}
	for _, other := range s.Files {
		if other.Name != played.Name && directory(other.Name) == directory(played.Name) && isDefault(other.Name) {
			files = append(files, other)
		}
	}
	return files
}

func directory(name string) string { return name[:strings.LastIndexAny(name, `/\`)+1] }

func isDefault(name string) bool {
	base := strings.TrimPrefix(name, directory(name))
	return base == "default.yaml" || base == "default.yml"
}

// Play plays every scenario to its end and records the results in report, which [NewReport] made from the same suites.
// It returns an error only for internal failures; a scenario that cannot be played is an error in the report.
func (p *Player) Play(ctx context.Context, suites []Suite, report *Report, out *Progress) error {
	var turns []*turn
	for i, suite := range suites {
		for j, file := range suite.Files {
			turns = append(turns, &turn{Player: p, number: len(turns) + 1, several: out.total > 1, files: suite.with(file),
				played: &report.Suites[i].Scenarios[j], progress: out})
		}
	}
	out.parallel = p.Parallel > 1 && out.total > 1
	next := make(chan *turn)
	failures := make([]error, max(1, p.Parallel))
	var players sync.WaitGroup
	for i := range failures {
		players.Go(func() {
			for t := range next {
				if failures[i] == nil {
					failures[i] = t.play(ctx)
				}
			}
		})
	}
	for _, t := range turns {
		next <- t
	}
	close(next)
	players.Wait()
	for _, t := range turns {
		report.Interrupted = report.Interrupted || t.interrupted
	}
	return errors.Join(failures...)
}

// turn is the playing of one scenario file.
type turn struct {
	*Player
	number      int // from 1
	several     bool
	interrupted bool
	files       []File // the first is played
	played      *Scenario
	sends       []string          // events of the scenario's own rules
	requests    int               // that begin it; 0: none
	credentials map[string]string // of the account with the scenario's provider, by name
	progress    *Progress
	log         *scenarioLog
}

// play plays the file and records the result.
func (t *turn) play(ctx context.Context) error {
	played := t.played
	if ctx.Err() != nil {
		t.interrupted = true
		played.errored("interrupted before it began")
		return nil
	}
	start := time.Now()
	t.log = t.progress.begin(played)
	n := &narrator{scenario: played, out: t.log, allowUnroutable: t.AllowUnroutable, hidden: t.Hidden}
	err := t.run(ctx, n)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		t.interrupted = true
		t.freeze(ctx, played)
	case errors.Is(err, client.ErrUnreachable), errors.Is(err, ErrScenario), isRefused(err):
		played.errored(err.Error())
	default:
		return err
	}
	n.conclude(t.interrupted)
	played.Took = time.Since(start).Round(time.Millisecond).Milliseconds()
	played.Repeat, played.printed = t.Command(played, true), t.Command(played, false)
	t.progress.end(t.log)
	return nil
}

func isRefused(err error) bool {
	_, ok := errors.AsType[*client.Error](err)
	return ok
}

// freeze stops an interrupted scenario from continuing on a server that keeps running.
func (t *turn) freeze(ctx context.Context, played *Scenario) {
	if !t.KeepStopped || played.Account == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	account := t.Server.For(played.Account)
	if _, err := account.Clock().Set(ctx, control.ClockChange{Frozen: new(true)}); err == nil {
		fmt.Fprintf(t.log, "account %s of %s is frozen; DELETE %s/accounts/%s deletes it\n", played.Account, t.Server.URL(), control.Base, played.Account)
	}
}

// run opens the account, uploads the files, registers the receiver and plays the scenario to its end.
func (t *turn) run(ctx context.Context, n *narrator) error {
	played := n.scenario
	played.Account, played.Seed = t.account(), t.seed()
	if err := t.validate(); err != nil {
		return err
	}
	account := t.Server.For(played.Account)
	opened, err := account.Open(ctx, played.Seed)
	if err != nil {
		return err
	}
	if err := t.upload(ctx, account, played); err != nil {
		return err
	}
	events, err := t.events(ctx)
	if err != nil {
		return err
	}
	if _, err := account.SetEndpoint(ctx, client.Endpoint{Provider: played.Provider, URL: t.To, Events: events}); err != nil {
		return err
	}
	if _, err := account.Clock().Set(ctx, control.ClockChange{Frozen: new(true), Rate: &t.Speed.Rate}); err != nil {
		return err
	}
	fmt.Fprintf(t.log, "play %s of %s to %s, seed %d, API at %s\n", played.Name, played.Provider, t.To, played.Seed, t.Server.URL())
	t.credentials = opened.Credentials[played.Provider]
	t.printCredentials(t.log, opened.Name, played.Provider)
	return t.follow(ctx, account, n)
}

func (t *turn) account() string {
	if t.several {
		return fmt.Sprintf("%s-%d", t.Account, t.number)
	}
	return t.Account
}

// seed returns the account's seed. Several scenarios get different ones, because accounts with the same seed would have
// the same credentials.
func (t *turn) seed() uint64 {
	if !t.several {
		return t.Seed
	}
	return fake.Seed(t.Seed, "scenario", fmt.Sprint(t.number)) & (1<<53 - 1) // exact in any JSON reader
}

func (t *turn) validate() error {
	if t.Validate == nil {
		return nil
	}
	for _, f := range t.files {
		if err := t.Validate(f); err != nil {
			return scenarioError{err}
		}
	}
	return nil
}

// scenarioError is an [ErrScenario] with the message of its cause.
type scenarioError struct{ error }

func (scenarioError) Is(target error) bool { return target == ErrScenario }
func (e scenarioError) Unwrap() error      { return e.error }

// upload uploads the files and records the scenario's name and provider.
func (t *turn) upload(ctx context.Context, account *client.Client, played *Scenario) error {
	upload := control.ScenarioFiles{Source: source}
	for _, f := range t.files {
		upload.Files = append(upload.Files, control.ScenarioFile{Name: f.Name, Text: string(f.Text)})
	}
	uploaded, err := account.UploadScenarios(ctx, upload)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(uploaded, func(s control.Scenario) bool { return s.Source == t.files[0].Name })
	if i < 0 {
		return fmt.Errorf("%s: the server accepted the file but does not list its scenario", t.files[0].Name)
	}
	played.Provider, played.Name = uploaded[i].Provider, uploaded[i].Name
	t.sends, t.requests = uploaded[i].Sends, cmp.Or(t.Requests, uploaded[i].Requests)
	return nil
}

// events returns the events that the receiver subscribes to: nil for all, unless the scenario sends some that go only to
// endpoints which name them. Those get named, so that everything that the file sends reaches the receiver.
func (t *turn) events(ctx context.Context) ([]string, error) {
	providers, err := t.Server.Providers(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(providers, func(p control.Provider) bool { return p.Name == t.played.Provider })
	if i < 0 {
		return nil, nil // the endpoint is refused
	}
	var names []string
	named := false
	for _, event := range providers[i].Events {
		if !event.OnRequest || slices.Contains(t.sends, event.Name) {
			names = append(names, event.Name)
			named = named || event.OnRequest
		}
	}
	if !named {
		return nil, nil
	}
	return names, nil
}

// printCredentials prints the credentials that the receiver may need and the user did not choose.
func (t *turn) printCredentials(out io.Writer, account, provider string) {
	for _, name := range slices.Sorted(maps.Keys(t.credentials)) {
		if value := t.credentials[name]; value != account && !t.Known(provider, name) {
			fmt.Fprintf(out, "credential %s.%s=%s\n", provider, name, value)
		}
	}
}
