package mockserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/rawheader"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/viewer"
	"github.com/idmock/idmock/mockserver/webhook"
)

// Server serves the providers, the control API and the page on one address.
type Server struct {
	config   Config
	engine   *Engine
	viewer   *viewer.Viewer
	listener net.Listener
	hosts    net.Listener // over TLS; nil where the real hosts are not served
	http     *http.Server // of both
	silent   silent
	front    front
	checks   Checks // nil: there are none

	halt    context.CancelFunc // ends the scheduler, and every request that waits for something
	cut     context.CancelFunc // ends the attempts under way
	begin   func()
	running sync.WaitGroup
	served  chan error
}

// New reads the configuration and binds the address, so that Addr is known; nothing is served before Start. What it
// opened is closed again if it fails.
func New(c Config) (*Server, error) {
	if c.Addr == "" {
		c.Addr = defaultAddr
	}
	if c.DrainTimeout == 0 {
		c.DrainTimeout = defaultDrain
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Seed == 0 {
		c.Seed = fake.RandomSeed()
	}
	if c.Store == nil {
		c.Store = store.NewMemory(c.Retention)
	}
	targets := webhook.Policy{Strict: c.StrictTargets}
	e := &Engine{headers: c.WebhookHeaders,
		store: c.Store, sender: webhook.NewSender(targets, "idmock/"+c.Version), targets: targets,
		version: c.Version, seed: c.Seed, log: c.Logger,
		accounts: map[string]*account{}, dropped: map[string]uint64{}, newClock: clocks(c), moved: newMoved(),
	}
	e.sender.Rewrites, e.sender.Resolver = c.Rewrites, c.Resolver
	if err := e.SetPublicURL(context.Background(), c.PublicURL); err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	e.clock = e.newClock()
	var err error
	if e.rough, err = newRough(c.Rough); err != nil {
		return nil, err
	}
	if _, err := e.account(context.Background(), everybody); err != nil {
		return nil, err
	}
	for _, p := range c.Providers {
		if e.providers.of(p.Name) != nil {
			return nil, fmt.Errorf("two providers are called %q", p.Name)
		}
		ready, err := newProvider(p, c.Scenarios)
		if err != nil {
			return nil, err
		}
		if err := ready.give(c.Credentials[p.Name]); err != nil {
			return nil, err
		}
		if len(c.Keys) > 0 {
			ready.only(c.Keys)
		}
		if ready.widget, err = newWidget(p, c.Version, e); err != nil {
			return nil, err
		}
		e.providers.put(ready)
		e.names = append(e.names, p.Name)
	}
	for name := range c.Credentials {
		if e.providers.of(name) == nil {
			return nil, fmt.Errorf("credential of %s: no provider is called %q, want one of %v", name, name, e.names)
		}
	}
	for name, text := range c.Sources {
		if e.providers.of(name) == nil {
			return nil, fmt.Errorf("source address of %s: no provider is called %q, want one of %v", name, name, e.names)
		}
		if e.sources == nil {
			e.sources = map[string]netip.Addr{}
		}
		if e.sources[name], err = webhook.ParseSource(text); err != nil {
			return nil, fmt.Errorf("source address of %s: %w", name, err)
		}
	}
	s := &Server{config: c, engine: e, served: make(chan error, 2)}
	for provider, url := range c.Webhooks {
		if _, err := e.SetEndpoint(context.Background(), webhook.Endpoint{Provider: provider, URL: url, Source: sourceFlag}); err != nil {
			return nil, fmt.Errorf("webhook %s: %w", provider, err)
		}
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if s.hosts, err = s.listenTLS(); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	halted, halt := context.WithCancel(context.Background())
	work, cut := context.WithCancel(context.Background())
	s.halt, s.cut = halt, cut
	s.begin = func() { e.schedule(halted, work) }
	e.linger = func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		end := context.AfterFunc(work, cancel)
		return ctx, func() { end(); cancel() }
	}
	s.listener = listener
	e.self = s.URL()
	guard := access.Guard{AllowedHosts: c.AllowedHosts}
	s.viewer = viewer.New(e, viewer.Options{
		Version: c.Version, Self: s.URL(), Logger: c.Logger,
		CheckOrigin: func(r *http.Request) bool { return guard.Allowed(r) == nil },
	})
	if c.Checks != nil {
		s.checks = c.Checks(s)
	}
	s.http = &http.Server{
		Handler:           s.handler(guard),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return halted },
		ConnState:         s.silent.note,
		ConnContext:       withHeard,
		ErrorLog:          slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug),
		TLSConfig:         s.tls(),
	}
	s.http.RegisterOnShutdown(s.silent.close)
	return s, nil
}

// clocks returns what makes clocks as the configuration wants them.
func clocks(c Config) func() *clock.Clock {
	return func() *clock.Clock {
		start := c.Start
		if start.IsZero() {
			start = time.Now().UTC()
		}
		if c.Frozen {
			return clock.NewFrozen(start)
		}
		return clock.New(start)
	}
}

// Addr is the address that is listened on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL is the base URL under which this machine reaches the server.
func (s *Server) URL() string {
	addr := s.listener.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}

// Engine is what the server plays with, for callers in the same process.
func (s *Server) Engine() *Engine { return s.engine }

// Start serves until Stop, in the background.
func (s *Server) Start() {
	s.running.Go(s.begin)
	serve := func(serve func() error) {
		err := serve()
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		s.served <- err
	}
	s.running.Go(func() {
		serve(func() error { return s.http.Serve(rawheader.Listener{TCPListener: s.listener.(*net.TCPListener)}) })
	})
	if s.hosts != nil {
		s.running.Go(func() { serve(func() error { return s.http.ServeTLS(s.hosts, "", "") }) })
	}
}

// Stop stops serving: no new connection, no new delivery; calls and deliveries under way get until ctx ends, or until
// the configured drain timeout. It returns when all is at an end. What was still to come is counted in the log.
func (s *Server) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.DrainTimeout)
	defer cancel()
	log := s.config.Logger
	log.Info("draining", "timeout", s.config.DrainTimeout)
	s.engine.stopping.Store(true)
	if s.checks != nil {
		s.checks.Close() // which tell the journal how they ended
	}
	s.halt() // answers that a scenario holds back end now: nobody will wait for them
	err := errors.Join(s.viewer.Stop(ctx), s.http.Shutdown(ctx))
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	for _, l := range []net.Listener{s.listener, s.hosts} {
		if l == nil {
			continue
		}
		if closeErr := l.Close(); !errors.Is(closeErr, net.ErrClosed) { // it was never served
			err = errors.Join(err, closeErr)
		}
	}
	s.running.Wait() // after the scheduler no attempt begins
	err = errors.Join(err, s.drain(ctx))
	s.engine.sender.Close()
	if left, statErr := s.engine.store.Stats(context.WithoutCancel(ctx)); statErr == nil && left.Jobs > 0 {
		log.Warn("stopped with work still to come, which the memory store does not keep", "jobs", left.Jobs, "held", left.HeldJobs)
	}
	log.Info("drained")
	return errors.Join(err, s.engine.store.Close())
}

// Run is Start, then Stop when ctx ends. The error is why serving failed or draining was cut short.
func (s *Server) Run(ctx context.Context) error {
	s.Start()
	select {
	case err := <-s.served:
		return errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	case <-ctx.Done():
		return s.Stop(context.WithoutCancel(ctx))
	}
}

// drain waits for the attempts under way, the scheduler's and those of advances; those that are not over when ctx ends
// are cut off.
func (s *Server) drain(ctx context.Context) error {
	defer s.cut()
	done := make(chan struct{})
	go func() {
		s.engine.attempts.Wait()
		s.engine.rest()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.cut()
		<-done
		return fmt.Errorf("drain: deliveries were cut off: %w", ctx.Err())
	}
}
