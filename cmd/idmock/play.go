package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/client"
	"github.com/idmock/idmock/mockserver/files"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/play"
	"github.com/idmock/idmock/mockserver/store"
)

type playCmd struct {
	Files           []string          `arg:"" name:"path" help:"Scenario files, or directories of them."`
	To              string            `help:"URL of the webhook receiver." required:"" placeholder:"URL"`
	Subject         string            `help:"Play for this subject instead of the documented example's." placeholder:"TEXT"`
	Requests        int               `help:"Requests that begin a scenario; 0 makes as many as its rules need, mostly one." default:"0" placeholder:"N"`
	Speed           string            `help:"Speed of account time: real, a factor such as x60, or instant." default:"real" placeholder:"SPEED"`
	Server          string            `help:"Play on a running server instead of a temporary one." placeholder:"URL"`
	Account         string            `help:"Account to play in; several scenarios get -1, -2 and so on appended. Empty is play, or a unique name with --server." placeholder:"NAME"`
	Parallel        int               `help:"Scenarios that play side by side." default:"1" placeholder:"N"`
	AllowUnroutable bool              `help:"Accept events that reach no endpoint."`
	Report          map[string]string `help:"Write a report: json=FILE or junit=FILE; - is the standard output, and the log then goes to the standard error. Repeatable." placeholder:"FORMAT=FILE"`
	providerFlag
	credentialFlag
	Seed uint64 `help:"Seed of generated people and references; 0 picks and prints one." default:"0" placeholder:"N"`
	// Not IDMOCK_ADDR: where that is set, such as in the image, a server already uses the address.
	Addr string `help:"Address where the receiver can call the API meanwhile; port 0 picks a free one." default:"127.0.0.1:0" env:"IDMOCK_PLAY_ADDR" placeholder:"HOST:PORT"`
}

// playAccount is the default account.
const playAccount = "play"

// The journal of a played scenario is read to its end, so the temporary server keeps all of it.
const (
	playEntries = 1 << 20
	playBytes   = 1 << 30
)

// Run plays scenarios to their end, and judges the receiver. Reports are written also after an interrupt.
func (c *playCmd) Run(ctx context.Context, s streams) error {
	speed, err := play.ParseSpeed(c.Speed)
	if err != nil {
		return untested("--speed: %v", err)
	}
	if c.Requests < 0 || c.Requests > control.MaxRequests {
		return untested("invalid --requests %d: use a number from 0 to %d", c.Requests, control.MaxRequests)
	}
	if c.Parallel < 1 {
		return untested("invalid --parallel %d: use a number from 1", c.Parallel)
	}
	out := reports[*play.Report]{c.Report, playFormats, s.out}
	if err := out.check(); err != nil {
		return err
	}
	suites, err := readSuites(c.Files)
	if err != nil {
		return userError(err)
	}
	if c.Seed == 0 {
		c.Seed = fake.RandomSeed()
	}
	player := &play.Player{To: c.To, Account: c.Account, Subject: c.Subject, Speed: speed, Seed: c.Seed, Requests: c.Requests,
		Parallel: c.Parallel, AllowUnroutable: c.AllowUnroutable, Known: c.chose, Command: c.command}
	for _, line := range c.WebhookHeader {
		name, _, _ := strings.Cut(line, ":")
		player.Hidden = append(player.Hidden, name)
	}
	stop, err := c.prepare(ctx, player, suites)
	if err != nil {
		return err
	}
	log := s.out
	if out.usesStdout() {
		log = s.err
	}
	report := play.NewReport(play.Report{Idmock: version, To: c.To, Server: c.Server, Speed: c.Speed, Seed: c.Seed}, suites)
	terminal, color := isTerminal(log)
	progress := play.NewProgress(log, report, terminal, color)
	err = player.Play(ctx, suites, report, progress)
	report.Finish()
	progress.Sum(report)
	if err := errors.Join(err, stop(), out.write(report)); err != nil {
		return err
	}
	if verdict, reason := report.Verdict(); verdict != play.Passed {
		return exitError{verdictCode(verdict), reason}
	}
	return nil
}

// playFormats are the report formats.
var playFormats = map[string]func(io.Writer, *play.Report) error{
	"json":  func(w io.Writer, r *play.Report) error { return r.WriteJSON(w) },
	"junit": func(w io.Writer, r *play.Report) error { return r.WriteJUnit(w) },
}

// readSuites reads the files, with one suite per argument.
func readSuites(paths []string) ([]play.Suite, error) {
	var suites []play.Suite
	for _, path := range paths {
		found, err := files.Read(path)
		if err != nil {
			return nil, err
		}
		suite := play.Suite{Name: filepath.Clean(path)}
		for _, f := range found {
			suite.Files = append(suite.Files, play.File(f))
		}
		suites = append(suites, suite)
	}
	return suites, nil
}

// prepare connects the player to a running server, or starts a temporary one, which stop ends.
func (c *playCmd) prepare(ctx context.Context, p *play.Player, suites []play.Suite) (stop func() error, err error) {
	if c.Server == "" {
		return c.temporary(ctx, p, suites)
	}
	if !c.empty() || len(c.Provider) > 0 {
		return nil, untested("--credential, --provider and --webhook-header belong to the server: start it with them, and play without")
	}
	if p.Server, err = connect(c.Server); err != nil {
		return nil, err
	}
	p.Account = cmp.Or(c.Account, fmt.Sprintf("%s-%06x", playAccount, fake.RandomSeed()&0xffffff))
	p.KeepStopped = true
	stop = func() error { p.Server.Close(); return nil }
	return stop, clientError(p.Server.Ready(ctx))
}

// temporary starts a server for the player.
func (c *playCmd) temporary(ctx context.Context, p *play.Player, suites []play.Suite) (stop func() error, err error) {
	providers, err := c.open()
	if err != nil {
		return nil, err
	}
	p.Account = cmp.Or(c.Account, playAccount)
	p.Validate = func(f play.File) error {
		_, err := library.Lint(providers, f.Name, f.Text)
		return err
	}
	if len(suites) == 1 && len(suites[0].Files) == 1 { // one of several is reported, and the others are played
		if err := p.Validate(suites[0].Files[0]); err != nil {
			return nil, exitError{exitUntested, err.Error()}
		}
	}
	if err := checkReceiver(ctx, c.To); err != nil {
		return nil, err
	}
	config := mockserver.Config{Addr: c.Addr, Providers: providers, Seed: c.Seed, Retention: store.Retention{Entries: playEntries, EntryBytes: playBytes}}
	p.Server, stop, err = startTemporary(ctx, config, c.credentialFlag)
	return stop, err
}

// startTemporary starts a server and connects to it.
func startTemporary(ctx context.Context, config mockserver.Config, f credentialFlag) (c *client.Client, stop func() error, err error) {
	config.Version = version
	if config.Credentials, err = f.credentials(); err != nil {
		return nil, nil, err
	}
	if config.WebhookHeaders, err = f.headers(); err != nil {
		return nil, nil, err
	}
	server, err := listen(config)
	if err != nil {
		return nil, nil, err
	}
	if c, err = client.New(server.URL(), client.Options{}); err != nil {
		return nil, nil, errors.Join(err, server.Stop(ctx))
	}
	server.Start()
	return c, func() error {
		c.Close()
		return server.Stop(context.WithoutCancel(ctx))
	}, nil
}

// chose reports whether the user set a credential.
func (c *playCmd) chose(provider, name string) bool {
	_, ok := c.Credential[provider+"."+name]
	return ok
}

// command returns the command line that plays a scenario again. A report, which is kept and passed on, has variables of the
// shell in place of credentials and header values.
func (c *playCmd) command(s *play.Scenario, report bool) string {
	words := []string{"idmock", "play", s.File, "--to", c.To, "--speed", c.Speed, "--seed", fmt.Sprint(s.Seed)}
	// On a running server the account of this time is used up: without a name of its own the next one is new.
	if s.Account != "" && (c.Server == "" || c.Account != "") && s.Account != playAccount {
		words = append(words, "--account", s.Account)
	}
	flag := func(name, value string) {
		if value != "" {
			words = append(words, name, value)
		}
	}
	flag("--subject", c.Subject)
	if c.Requests > 0 {
		flag("--requests", fmt.Sprint(c.Requests))
	}
	flag("--server", c.Server)
	for _, dir := range c.Provider {
		flag("--provider", dir)
	}
	if c.AllowUnroutable {
		words = append(words, "--allow-unroutable")
	}
	if c.Addr != defaultPlayAddr {
		flag("--addr", c.Addr)
	}
	for i, word := range words {
		words[i] = quoted(word)
	}
	secret := func(flag, name, separator, value string) {
		word := quoted(name + separator + value)
		if report {
			word = fmt.Sprintf(`"%s%s$%s"`, name, separator, shellName.ReplaceAllString(strings.ToUpper(name), "_"))
		}
		words = append(words, flag, word)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Credential)) {
		secret("--credential", name, "=", c.Credential[name])
	}
	for _, line := range c.WebhookHeader {
		name, value, _ := strings.Cut(line, ":")
		secret("--webhook-header", name, ":", value)
	}
	return strings.Join(words, " ")
}

// quoted returns a word as a shell takes it.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// shellName matches the characters that the name of a variable cannot have.
var shellName = regexp.MustCompile(`[^A-Z0-9_]`)

// defaultPlayAddr is the default of --addr.
const defaultPlayAddr = "127.0.0.1:0"

// plainWord matches a word that a shell takes as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)
