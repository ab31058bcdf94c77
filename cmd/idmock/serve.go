package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/idmock/idmock/conformance/service"
	"github.com/idmock/idmock/internal/dnstest"
	"github.com/idmock/idmock/internal/heap"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/files"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

type serveCmd struct {
	Addr      string            `help:"Address to listen on; port 0 picks a free one." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Webhook   map[string]string `help:"Register a default webhook, for accounts without their own." placeholder:"PROVIDER=URL"`
	Scenarios []string          `help:"Add scenario files, or all in a directory, to the built-in ones." placeholder:"PATH" type:"path"`
	Watch     bool              `help:"Reload --scenarios, --provider and files of --openapi when they change. Invalid files are logged; the previous version stays served."`
	providerFlag
	OpenAPI []string `name:"openapi" help:"Serve a published OpenAPI document as a provider, with everything inferred: FILE-OR-URL[,name=NAME][,state=off][,root=DIR]. Repeatable." placeholder:"DOCUMENT" sep:"none"`
	credentialFlag
	Keys           string            `help:"Accept only the API keys in a file; reject others as the provider does. Each line is PROVIDER or *, a key, and optionally forbidden." placeholder:"FILE" type:"path"`
	Seed           uint64            `help:"Seed of generated people and references; 0 picks and prints one." default:"0" placeholder:"N"`
	Rough          roughFlag         `help:"Inject random faults (seeded), all or some, as in --rough=duplicates,random-5xx. Kinds: duplicates, reordering, unknown-fields, odd-ids, random-5xx." placeholder:"KINDS"`
	RoughRate      float64           `help:"Probability of each fault, 0 to 1." default:"0.1" placeholder:"RATE"`
	Start          string            `help:"Initial account time, such as 2026-01-01T00:00:00Z; empty is now." placeholder:"TIME"`
	Frozen         bool              `help:"Freeze all clocks until they are advanced or unfrozen. With --seed and --start, equal requests leave equal journals."`
	Targets        string            `help:"Allowed webhook targets: local includes this machine and private networks, strict only public addresses." enum:"local,strict" default:"local"`
	StrictRequests bool              `help:"Refuse requests that providers' pages do not allow, though public clients send them."`
	Resolver       string            `help:"Resolve webhook URLs with this DNS server instead of the system's." placeholder:"HOST:PORT"`
	WebhookRewrite map[string]string `help:"Send webhooks for one host to another, such as localhost=host.docker.internal; the Host header stays. If FROM and TO are URLs, FROM is replaced as a prefix. A local TO is allowed with strict targets." placeholder:"FROM=TO"`
	SourceAddress  map[string]string `help:"Send a provider's webhooks from this local address, to test IP allow-lists." placeholder:"PROVIDER=ADDRESS"`
	PublicURL      string            `name:"public-url" help:"Base URL of the server in responses; empty: taken from each request." placeholder:"URL"`
	ControlToken   string            `help:"Require a token for the page and the control API: as a login, or as Authorization: Bearer. At least 8 characters." placeholder:"TOKEN"`
	ControlAddr    string            `help:"Serve the page and the control API on an address of their own, apart from the providers." placeholder:"HOST:PORT"`
	ProviderAddr   map[string]string `help:"Serve a provider at an address of its own as well, without its prefix, for clients whose base URL cannot have a path." placeholder:"PROVIDER=HOST:PORT"`
	AllowedHosts   []string          `help:"Allow browsers further host names, and pages of these hosts the control API; *.example.com includes subdomains." placeholder:"HOST"`
	JournalBytes   int64             `help:"Memory limit of the journal; 0 is 24 MiB." default:"0" placeholder:"BYTES"`
	JournalEntries int               `help:"Maximum number of journal entries; 0 is 20000." default:"0" placeholder:"N"`
	FinishedRuns   int               `help:"Maximum number of finished runs and webhooks to keep for reads; 0 is 20000." default:"0" placeholder:"N"`
	LiveBytes      int64             `help:"Memory limit of runs and webhooks under way, above which new ones get 503; 0 is 96 MiB." default:"0" placeholder:"BYTES"`
	MaxAccounts    int               `help:"Number of accounts above which idle, empty ones are closed; 0 is 30000." default:"0" placeholder:"N"`
	FaultBytes     int64             `help:"Limit of what faults make an account send, as large bodies and copies, until it is reset; 0 is 4 GiB." default:"0" placeholder:"BYTES"`
	DrainTimeout   time.Duration     `help:"Time for deliveries in progress to finish at shutdown." default:"5s"`
	storeFlag
	LogFormat string `help:"Log format." enum:"text,json" default:"text"`
	LogLevel  string `help:"Lowest level that is logged." enum:"debug,info,warn,error" default:"info"`
	Hosts     bool   `help:"Serve the providers' real host names over TLS, with local certificates: see idmock ca."`
	HostsAddr string `help:"Address to listen on for the real host names; port 0 picks a free one." default:"127.0.0.1:443" placeholder:"HOST:PORT"`
	dataFlag
}

// minToken is the minimum length of a control token.
const minToken = 8

// Run serves until ctx ends. It prints `ready URL` once requests are accepted.
func (c *serveCmd) Run(ctx context.Context, s streams) error {
	source := c.source(c.Scenarios...)
	var err error
	if source.Documents, err = documents(c.OpenAPI); err != nil {
		return err
	}
	if c.Watch && source.Empty() {
		return untested("--watch: no files to watch: pass some with --scenarios, --provider or --openapi")
	}
	loaded := source.Snapshot()
	log := newLogger(s, c.LogFormat, c.LogLevel)
	config, err := c.config(source, log)
	if err != nil {
		return err
	}
	if config.Store, err = c.storeFlag.open(ctx, config.Retention, log); err != nil {
		return err
	}
	server, err := listen(config)
	if err != nil {
		if config.Store != nil {
			err = errors.Join(err, config.Store.Close())
		}
		return err
	}
	c.announce(s, source, server, log)
	go logSkipped(config.Providers, log)
	stop := func() error { return nil }
	if c.Watch {
		if stop, err = source.Watch(ctx, loaded, server.Engine(), log); err != nil {
			return errors.Join(err, server.Stop(ctx))
		}
	}
	if c.ControlAddr != "" {
		fmt.Fprintf(s.out, "control %s\n", server.ControlURL())
	}
	urls := server.ProviderURLs()
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		fmt.Fprintf(s.out, "%s %s\n", name, urls[name])
	}
	fmt.Fprintf(s.out, "ready %s\n", server.URL())
	heap.Tune() // not before: starting leaves garbage that an idle server need not keep
	defer exitInTime(ctx, c.DrainTimeout)()
	err = errors.Join(server.Run(ctx), stop())
	if errors.Is(err, context.DeadlineExceeded) {
		return exitError{exitFailed, err.Error() + ": allow more time with --drain-timeout"}
	}
	return err
}

// exitGrace is added to the drain timeout before the process exits whatever is left.
const exitGrace = 700 * time.Millisecond

// exitInTime ends the process soon after the drain timeout once ctx ended, even if something cannot be stopped. The function
// that it returns calls that off.
func exitInTime(ctx context.Context, drain time.Duration) (stop func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-done:
			return
		}
		select {
		case <-time.After(drain + exitGrace):
			fmt.Fprintln(os.Stderr, "idmock: not everything stopped in time")
			os.Exit(exitFailed)
		case <-done:
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}

// announce logs how the server was started.
func (c *serveCmd) announce(s streams, source files.Source, server *mockserver.Server, log *slog.Logger) {
	for _, name := range source.Overrides(builtInNames()) {
		log.Info("directory overrides the built-in provider", "provider", name)
	}
	log.Info("serving", "url", server.URL(), "version", version, "seed", server.Engine().Seed())
	if kinds, rate := server.Engine().Rough(); len(kinds) > 0 {
		log.Info("rough", "nuisances", strings.Join(kinds, ","), "rate", rate, "seed", server.Engine().Seed())
	}
	if addr := server.HostsAddr(); addr != nil {
		fmt.Fprintf(s.out, "hosts %s\n", addr)
	}
}

// maxSkipped is how many operations of a provider are logged as not served. The rest are counted.
const maxSkipped = 20

// logSkipped logs the operations of the user's documents that are not served. It loads every operation, so that no start waits
// for it.
func logSkipped(providers []*openapi.Provider, log *slog.Logger) {
	for _, p := range providers {
		if p.IsShipped() {
			continue
		}
		skipped, err := p.Skipped()
		if err != nil {
			log.Error("the document cannot be read", "provider", p.Name, "error", err)
		}
		for _, s := range skipped[:min(len(skipped), maxSkipped)] {
			log.Warn("operation is not served", "provider", p.Name, "method", s.Method, "path", s.Path, "reason", s.Reason)
		}
		if more := len(skipped) - maxSkipped; more > 0 {
			log.Warn("more operations are not served", "provider", p.Name, "count", more)
		}
	}
}

func builtInNames() []string {
	var names []string
	for _, f := range catalog.Folders() {
		names = append(names, f.Name)
	}
	return names
}

// config turns the flags into a server's configuration.
func (c *serveCmd) config(source files.Source, log *slog.Logger) (mockserver.Config, error) {
	config := mockserver.Config{
		Addr: c.Addr, Webhooks: c.Webhook, Sources: c.SourceAddress, Seed: c.Seed, Frozen: c.Frozen, StrictTargets: c.Targets == "strict", StrictRequests: c.StrictRequests,
		AllowedHosts: c.AllowedHosts, ControlToken: c.ControlToken, PublicURL: c.PublicURL, DrainTimeout: c.DrainTimeout,
		ControlAddr: c.ControlAddr, ProviderAddrs: c.ProviderAddr, MaxAccounts: c.MaxAccounts, FaultBytes: c.FaultBytes,
		Retention: store.Retention{Entries: c.JournalEntries, EntryBytes: c.JournalBytes, DoneDocs: c.FinishedRuns, LiveBytes: c.LiveBytes},
		Checks:    service.New, Version: version, Logger: log,
	}
	var err error
	if config.Providers, err = source.OpenProviders(); err != nil {
		return config, userError(err)
	}
	if config.Scenarios, err = source.ParseScenarios(config.Providers); err != nil {
		return config, userError(err)
	}
	if config.Credentials, err = c.credentials(); err != nil {
		return config, err
	}
	if config.WebhookHeaders, err = c.headers(); err != nil {
		return config, err
	}
	if config.Keys, err = c.keys(config.Providers); err != nil {
		return config, err
	}
	if config.Rough, err = c.Rough.config(c.RoughRate); err != nil {
		return config, err
	}
	if c.ControlToken != "" && len(c.ControlToken) < minToken {
		return config, untested("--control-token is too short: use at least %d characters", minToken)
	}
	if err := c.configClock(&config); err != nil {
		return config, err
	}
	if err := c.configTargets(&config); err != nil {
		return config, err
	}
	return config, c.configHosts(&config)
}

func (c *serveCmd) configClock(config *mockserver.Config) (err error) {
	if c.Start == "" {
		return nil
	}
	if config.Start, err = time.Parse(time.RFC3339, c.Start); err != nil {
		return untested("invalid --start %q: use a time such as 2026-01-01T00:00:00Z", c.Start)
	}
	return nil
}

func (c *serveCmd) configTargets(config *mockserver.Config) (err error) {
	if config.Rewrites, err = webhook.ParseRewrites(c.WebhookRewrite); err != nil {
		return untested("--webhook-rewrite %v", err)
	}
	if c.Resolver == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(c.Resolver); err != nil {
		return untested("invalid --resolver %q: use HOST:PORT, such as 127.0.0.1:53", c.Resolver)
	}
	config.Resolver = dnstest.Resolver(c.Resolver)
	return nil
}

func (c *serveCmd) configHosts(config *mockserver.Config) error {
	if !c.Hosts {
		return nil
	}
	hosts := realHosts(config.Providers)
	a, err := c.authority(hosts)
	if err != nil {
		return err
	}
	config.HostsAddr, config.Certificate = c.HostsAddr, a.Certificate
	for _, host := range a.Missing(hosts) {
		config.Logger.Warn("local certificate authority does not cover this host: create a new one with idmock ca --new", "host", host)
	}
	return nil
}

// keys reads the file of API keys.
func (c *serveCmd) keys(providers []*openapi.Provider) ([]mockserver.Key, error) {
	if c.Keys == "" {
		return nil, nil
	}
	src, err := os.ReadFile(c.Keys)
	if err != nil {
		return nil, untested("--keys %s: %v: use a file of keys", c.Keys, files.Cause(err))
	}
	all, err := mockserver.ParseKeys(c.Keys, src, providers)
	if err != nil {
		return nil, exitError{exitUntested, err.Error()}
	}
	return all, nil
}

func newLogger(s streams, format, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(s.err, options))
	}
	return slog.New(slog.NewTextHandler(s.err, options))
}

// listen returns a server that owns its address. Errors are the user's.
func listen(c mockserver.Config) (*mockserver.Server, error) {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return nil, untested("invalid --addr %q: use HOST:PORT, such as 127.0.0.1:8080", c.Addr)
	}
	server, err := mockserver.New(c)
	if err == nil {
		return server, nil
	}
	operation, isNet := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, mockserver.ErrHosts) && errors.Is(err, syscall.EACCES):
		return nil, untested("--hosts-addr %s: %v: port 443 needs root, unless sysctl net.ipv4.ip_unprivileged_port_start allows it, as in containers", c.HostsAddr, err)
	case errors.Is(err, mockserver.ErrHosts):
		return nil, untested("--hosts-addr %s: %v: use another port, and send the host names' traffic there", c.HostsAddr, err)
	case errors.Is(err, mockserver.ErrControl):
		return nil, untested("--control-addr %s: %v: use another address", c.ControlAddr, err)
	case errors.Is(err, mockserver.ErrProviderAddr):
		return nil, untested("--provider-addr: %v: use another address", err)
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, untested("--addr %s: %s", c.Addr, occupied(c.Addr))
	case isNet && operation.Op == "listen":
		return nil, untested("--addr %s: %v: use an address of this machine", c.Addr, operation.Err)
	}
	return nil, exitError{exitUntested, err.Error()}
}

// occupied explains an address in use, with a command that works.
func occupied(addr string) string {
	host, port, _ := net.SplitHostPort(addr) // listen has parsed it
	command := "idmock serve --addr " + net.JoinHostPort(host, nextPort(host, port))
	client := http.Client{Timeout: time.Second}
	target := host
	if target == "" || target == "0.0.0.0" || target == "::" {
		target = "127.0.0.1"
	}
	response, err := client.Get("http://" + net.JoinHostPort(target, port) + "/_idmock/v1/health")
	if err != nil {
		return "address in use: stop the other program, or run " + command
	}
	defer response.Body.Close()
	if running := response.Header.Get("X-Idmock"); running != "" && len(running) < 100 {
		return fmt.Sprintf("idmock %q already runs there: use it at http://%s, or run another with %s", running, net.JoinHostPort(target, port), command)
	}
	return "address in use by another HTTP server: stop it, or run " + command
}

// nextPort is the next free port after one in use; 0 lets the system choose.
func nextPort(host, port string) string {
	n, err := strconv.Atoi(port)
	for i := n + 1; err == nil && i < n+20; i++ {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(i))); err == nil {
			_ = l.Close()
			return strconv.Itoa(i)
		}
	}
	return "0"
}

// roughFlag is --rough, for all kinds of faults, or --rough=KINDS for some.
type roughFlag struct {
	enabled bool
	kinds   []string // none: all
}

// IsBool makes the value optional.
func (roughFlag) IsBool() bool { return true }

// Decode reads the value, if there is one. In the environment, true, all and 1 select all kinds; false, 0 and nothing
// select none.
func (f *roughFlag) Decode(ctx *kong.DecodeContext) error {
	*f = roughFlag{enabled: true}
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	switch value := fmt.Sprint(ctx.Scan.Pop().Value); value {
	case "true", "all", "1":
	case "false", "", "0":
		f.enabled = false
	default:
		f.kinds = strings.Split(value, ",")
	}
	return fault.CheckNuisances(f.kinds)
}

// config returns nil if the flag is not set.
func (f roughFlag) config(rate float64) (*mockserver.Rough, error) {
	if !f.enabled {
		return nil, nil
	}
	if !(rate > 0 && rate <= 1) {
		return nil, untested("invalid --rough-rate %v: use a number above 0 and up to 1", rate)
	}
	return &mockserver.Rough{Nuisances: f.kinds, Rate: rate}, nil
}
