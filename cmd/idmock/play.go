package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
)

type playCmd struct {
	Files   []string `arg:"" name:"path" help:"Scenario files, or folders of them."`
	To      string   `help:"The webhook receiver." required:"" placeholder:"URL"`
	Subject string   `help:"Play for this subject instead of the documented example's." placeholder:"TEXT"`
	Speed   string   `help:"How fast account time passes: real, a factor such as x60, or instant." default:"real" placeholder:"SPEED"`
	Against string   `help:"Play on the server that runs there, such as the container in CI, instead of on one of play's own." placeholder:"URL"`
	Account string   `help:"The account in which it happens; of several scenarios each has one of its own, with -1, -2 and so on behind. Empty is play, and one that nobody else has with --against." placeholder:"NAME"`
	playReportFlag
	providerFlag
	credentialFlag
	Seed uint64 `help:"Make up the same people and references every time; 0 picks a seed and prints it." default:"0" placeholder:"N"`
	// Not IDMOCK_ADDR: where that is set, in the image for one, a server has the address already.
	Addr string `help:"Where the receiver can call the API while the scenario plays; port 0 picks a free one." default:"127.0.0.1:0" env:"IDMOCK_PLAY_ADDR" placeholder:"HOST:PORT"`

	providers []*openapi.Provider // that the scenarios are read against; nil where a server does that
}

// playAccount is the account in which a played scenario happens.
const playAccount = "play"

// Run plays scenarios to their end. It ends 0 if the receiver took everything as expected, 1 if not, 2 if that could not
// be found out. Reports are written however it ends.
func (c *playCmd) Run(e env) error {
	instant, rate, err := speed(c.Speed)
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	if err := c.playReportFlag.check(); err != nil {
		return err
	}
	suites, err := readSuites(c.Files)
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	if c.Seed == 0 {
		c.Seed = fake.RandomSeed()
	}
	server, stop, err := c.server(e.ctx, suites)
	if err != nil {
		return err
	}
	out := e.stdout
	if c.toStdout() { // what is told goes aside, so that the report can be read by a program
		out = e.stderr
	}
	p := &playing{playCmd: c, remote: server, instant: instant, rate: rate, out: out, report: c.newReport(suites)}
	p.progress = newProgress(out, p.report)
	err = p.all(e.ctx, suites)
	p.progress.sum(p.report)
	err = errors.Join(err, stop(), c.write(e.stdout, p.report))
	if err != nil {
		return err
	}
	return p.report.verdict()
}

// server is what is played on: one of play's own that ends with it, or the one that runs already.
func (c *playCmd) server(ctx context.Context, suites []suite) (*remote, func() error, error) {
	untested := func(err error) (*remote, func() error, error) { return nil, nil, verdict{exitUntested, err.Error()} }
	if c.Against != "" {
		if len(c.Credential)+len(c.Provider)+len(c.WebhookHeader) > 0 {
			return untested(errors.New("--credential, --provider and --webhook-header are the server's to know: start it with them, and play without"))
		}
		r, err := newRemote("--against", c.Against)
		if err == nil {
			err = r.ask(ctx, http.MethodGet, "/ready", "", nil, nil)
		}
		if err != nil {
			return untested(err)
		}
		if c.Account == "" {
			c.Account = fmt.Sprintf("%s-%06x", playAccount, fake.RandomSeed()&0xffffff)
		}
		return r, func() error { r.http.CloseIdleConnections(); return nil }, nil
	}
	if c.Account == "" {
		c.Account = playAccount
	}
	var err error
	if c.providers, err = c.open(); err != nil {
		return nil, nil, err
	}
	credentials, err := c.byProvider()
	if err != nil {
		return untested(err)
	}
	if len(suites) == 1 && len(suites[0].files) == 1 { // of several, the others are played all the same
		f := suites[0].files[0]
		if _, err := library.Lint(c.providers, f.name, f.src); err != nil {
			return untested(err)
		}
	}
	if err := dial(ctx, c.To); err != nil {
		return untested(err)
	}
	headers, err := c.headers()
	if err != nil {
		return nil, nil, verdict{exitUntested, err.Error()}
	}
	server, err := listen(mockserver.Config{
		Addr: c.Addr, Providers: c.providers, Credentials: credentials, Seed: c.Seed, Version: version,
		Retention: store.Retention{Entries: maxEntries, EntryBytes: maxBytes}, WebhookHeaders: headers,
	})
	if err != nil {
		return nil, nil, err
	}
	server.Start()
	r, err := newRemote("--addr", server.URL())
	return r, func() error {
		r.http.CloseIdleConnections()
		return server.Stop(context.WithoutCancel(ctx))
	}, err
}

// playing is a play under way.
type playing struct {
	*playCmd
	*remote
	instant  bool
	rate     float64
	out      io.Writer
	report   *playReport
	progress *progress
	number   int // of the scenario
}

// all plays one scenario after the other, each in an account of its own.
func (p *playing) all(ctx context.Context, suites []suite) error {
	for i, s := range suites {
		for _, f := range s.files {
			p.number++
			played := &p.report.Suites[i].Scenarios[p.number-1-p.before(i)]
			if ctx.Err() != nil {
				p.report.Cut = true
				played.errored("it was stopped before this one began")
				continue
			}
			began := time.Now()
			p.progress.begin(played)
			story := &story{played: played, out: p.progress}
			err := p.one(ctx, s, f, story)
			var server unreachable
			switch {
			case err == nil:
			case ctx.Err() != nil:
				story.cut, p.report.Cut = true, true
				p.halt(ctx, played)
			case errors.As(err, &server):
				played.errored(err.Error())
			default:
				var problem *refused
				var wrong verdict
				if !errors.As(err, &problem) && !errors.As(err, &wrong) {
					return err
				}
				played.errored(err.Error())
			}
			story.end()
			played.Took = time.Since(began).Round(time.Millisecond).Milliseconds()
			played.Repeat = p.repeat(played)
			p.progress.end(played, p.several())
		}
	}
	return nil
}

// halt keeps what was stopped in the middle from going on where the server does.
func (p *playing) halt(ctx context.Context, played *playedScenario) {
	if p.Against == "" || played.Account == "" {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), reachable)
	defer stop()
	if err := p.ask(ctx, http.MethodPost, "/clock", played.Account, control.ClockChange{Frozen: new(true)}, nil); err == nil {
		fmt.Fprintf(p.progress, "account %s of %s stands still; DELETE %s/accounts/%s drops it\n", played.Account, p.base, control.Base, url.PathEscape(played.Account))
	}
}

// before counts the scenarios of the suites before one.
func (p *playing) before(suite int) int {
	n := 0
	for _, s := range p.report.Suites[:suite] {
		n += len(s.Scenarios)
	}
	return n
}

func (p *playing) several() bool {
	return p.before(len(p.report.Suites)) > 1
}

// one plays one file to its end.
func (p *playing) one(ctx context.Context, s suite, f file, story *story) error {
	account := p.Account
	if p.several() {
		account = fmt.Sprintf("%s-%d", p.Account, p.number)
	}
	story.played.Account, story.played.Seed = account, p.seed()
	if err := p.lint(s.beside(f)); err != nil {
		return err
	}
	if err := p.ask(ctx, http.MethodPost, "/accounts/"+url.PathEscape(account), "", map[string]any{"seed": story.played.Seed}, nil); err != nil {
		return err
	}
	given := control.ScenarioFiles{Source: playAccount}
	for _, one := range s.beside(f) {
		given.Files = append(given.Files, control.ScenarioFile{Name: one.name, Text: string(one.src)})
	}
	var taken struct{ Scenarios []control.Scenario }
	if err := p.ask(ctx, http.MethodPost, "/scenarios", account, given, &taken); err != nil {
		return err
	}
	i := slices.IndexFunc(taken.Scenarios, func(one control.Scenario) bool { return one.Source == f.name })
	if i < 0 {
		return fmt.Errorf("%s: the server took it and does not list it", f.name)
	}
	story.played.Provider, story.played.Name = taken.Scenarios[i].Provider, taken.Scenarios[i].Name
	if err := p.set(ctx, account, story.played); err != nil {
		return err
	}
	return p.follow(ctx, account, story)
}

// seed is that of the account in which the scenario at hand plays. Accounts of one seed would have one set of keys, so
// of several scenarios each has another.
func (p *playing) seed() uint64 {
	if !p.several() {
		return p.Seed
	}
	return fake.Seed(p.Seed, "scenario", fmt.Sprint(p.number)) & (1<<53 - 1) // which any reader of JSON reads exactly
}

// lint reads files here, where the providers are known, so that a mistake is told as lint tells it.
func (p *playing) lint(files []file) error {
	if p.providers == nil {
		return nil
	}
	for _, f := range files {
		if _, err := library.Lint(p.providers, f.name, f.src); err != nil {
			return verdict{exitUntested, err.Error()}
		}
	}
	return nil
}

// set registers the receiver, stops the account's clock until everything is in place, and says what will be played.
func (p *playing) set(ctx context.Context, account string, played *playedScenario) error {
	if err := p.ask(ctx, http.MethodPost, "/endpoints", account, map[string]any{"provider": played.Provider, "url": p.To}, nil); err != nil {
		return err
	}
	if err := p.ask(ctx, http.MethodPost, "/clock", account, control.ClockChange{Frozen: new(true), Rate: &p.rate}, nil); err != nil {
		return err
	}
	fmt.Fprintf(p.progress, "play %s of %s to %s, seed %d, API at %s\n", played.Name, played.Provider, p.To, played.Seed, p.base)
	var told control.Account
	if err := p.ask(ctx, http.MethodGet, "/accounts/"+url.PathEscape(account), "", nil, &told); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(told.Credentials[played.Provider])) {
		value := told.Credentials[played.Provider][name]
		_, given := p.Credential[played.Provider+"."+name] // whoever gave it knows it, and it may be a real one
		if value != account && !given {
			fmt.Fprintf(p.progress, "credential %s.%s=%s\n", played.Provider, name, value)
		}
	}
	return nil
}

// repeat is the command that plays a file again as it was played.
func (p *playing) repeat(played *playedScenario) string {
	words := []string{"idmock", "play", played.File, "--to", p.To, "--speed", p.Speed, "--seed", fmt.Sprint(played.Seed)}
	if p.Subject != "" {
		words = append(words, "--subject", p.Subject)
	}
	if p.Against != "" {
		words = append(words, "--against", p.Against)
	}
	for _, dir := range p.Provider {
		words = append(words, "--provider", dir)
	}
	for i, word := range words {
		if strings.ContainsAny(word, " '\"$&|;<>()\\*?#~`") {
			words[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
