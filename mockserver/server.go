package mockserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/idmock/idmock/internal/admission"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/viewer"
)

// Server serves the providers, the control API and the page on one address.
type Server struct {
	core       *core
	viewer     *viewer.Viewer
	listeners                 // bound by New
	http       *http.Server   // of main and hosts
	controls   *http.Server   // of control
	single     []*http.Server // of single providers, in the order of their listeners
	bodies     *admission.Budget
	idle       idleConns
	slots      chan struct{} // of connections
	middleware middlewares
	checks     Checks // nil: there are none

	halt    context.CancelFunc // ends the scheduler, and every request that waits for something
	begin   func()             // runs the scheduler until halt
	running sync.WaitGroup
	served  chan error
}

// New checks the configuration and binds the address, so that Addr is known; nothing is served before Start. It closes
// its listener if it fails.
func New(config Config) (*Server, error) {
	c, err := newCore(config.withDefaults())
	if err != nil {
		return nil, err
	}
	bound, err := c.config.listen()
	if err != nil {
		return nil, err
	}
	return newServer(c, bound), nil
}

// NewOn is New with a listener of the caller's in place of Config.Addr: an inherited socket, or one in memory. Stop closes
// it. Config.HostsAddr, ControlAddr and ProviderAddrs must be empty.
func NewOn(listener net.Listener, config Config) (*Server, error) {
	if config.HostsAddr != "" || config.ControlAddr != "" || len(config.ProviderAddrs) > 0 {
		return nil, errors.New("HostsAddr, ControlAddr and ProviderAddrs must be empty with a listener: use New")
	}
	c, err := newCore(config.withDefaults())
	if err != nil {
		return nil, err
	}
	return newServer(c, listeners{main: listener}), nil
}

func newServer(c *core, bound listeners) *Server {
	s := &Server{core: c, listeners: bound, served: make(chan error, 3+len(bound.providers)), slots: make(chan struct{}, maxConns), bodies: admission.New(bodyBudget)}
	config := c.config
	c.accounts.SetSelf(s.URL())
	halted, halt := context.WithCancel(context.Background())
	s.halt, s.begin = halt, func() {
		s.running.Go(func() { c.reportDropped(halted) })
		c.scheduler.Run(halted)
	}
	guard := c.guard()
	s.viewer = viewer.New(history{c}, viewer.Options{
		Version: config.Version, Self: s.ControlURL(), Logger: config.Logger,
		CheckOrigin: func(r *http.Request) bool { return guard.Allowed(r) == nil },
	})
	if config.Checks != nil {
		s.checks = config.Checks(s)
	}
	s.http = s.newHTTP(halted, s.handler(guard))
	s.http.TLSConfig = s.tlsConfig()
	if s.control != nil {
		s.controls = s.newHTTP(halted, s.front(guard, s.controlHandler(guard).ServeHTTP))
	}
	for _, l := range s.providers {
		s.single = append(s.single, s.newHTTP(halted, s.singleHandler(guard, l.provider)))
	}
	return s
}

// newHTTP returns a server of HTTP within the bounds for every door.
func (s *Server) newHTTP(halted context.Context, h http.Handler) *http.Server {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return halted },
		ConnState:         s.idle.note,
		ConnContext:       withConn,
		ErrorLog:          slog.NewLogLogger(s.core.config.Logger.Handler(), slog.LevelDebug),
	}
	server.RegisterOnShutdown(s.idle.close)
	return server
}

// Addr is the address that is listened on.
func (s *Server) Addr() net.Addr { return s.main.Addr() }

// URL is the base URL under which this machine reaches the server.
func (s *Server) URL() string { return urlOf(s.main) }

// ControlURL is the base URL of the page and the control API: URL, unless they have an address of their own.
func (s *Server) ControlURL() string {
	if s.control == nil {
		return s.URL()
	}
	return urlOf(s.control)
}

// controlPort is the port of ControlURL; empty for a listener without ports.
func (s *Server) controlPort() string {
	u, err := url.Parse(s.ControlURL())
	if err != nil {
		return ""
	}
	return u.Port()
}

func urlOf(l net.Listener) string {
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return "http://" + l.Addr().String()
	}
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}

// Engine offers callers in the same process more than Control.
func (s *Server) Engine() *Engine { return &Engine{s.core} }

// Control is the control API for callers in the same process.
func (s *Server) Control() control.Backend {
	b := s.core.backend()
	b.Environments = environments{s.core, s.listeners}
	if s.checks != nil {
		b.Checks = s.checks
	}
	return b
}

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
	s.running.Go(func() { serve(func() error { return s.http.Serve(s.bounded(s.main)) }) })
	if s.control != nil {
		s.running.Go(func() { serve(func() error { return s.controls.Serve(s.bounded(s.control)) }) })
	}
	for i, l := range s.providers {
		s.running.Go(func() { serve(func() error { return s.single[i].Serve(s.bounded(l.Listener)) }) })
	}
	if s.hosts != nil {
		s.running.Go(func() { serve(func() error { return s.http.ServeTLS(s.bounded(s.hosts), "", "") }) })
	}
}

// Stop stops serving: no new connection, no new delivery; requests and deliveries under way get until ctx ends, or until
// the configured drain timeout. It returns when everything has ended. Jobs that are left are counted in the log.
func (s *Server) Stop(ctx context.Context) error {
	c := s.core.config
	ctx, cancel := context.WithTimeout(ctx, c.DrainTimeout)
	defer cancel()
	c.Logger.Info("draining", "timeout", c.DrainTimeout)
	s.core.scheduler.Stop()
	if s.checks != nil {
		s.checks.Close() // which logs how they ended
	}
	s.halt() // delayed responses end now: no client waits for them
	err := errors.Join(s.viewer.Stop(ctx), shutdown(ctx, s.http), shutdown(ctx, s.controls))
	for _, server := range s.single {
		err = errors.Join(err, shutdown(ctx, server))
	}
	err = errors.Join(err, s.listeners.Close())
	s.running.Wait() // without the scheduler no attempt begins
	err = errors.Join(err, s.drain(ctx))
	s.core.sender.Close()
	if left, statErr := c.Store.Stats(context.WithoutCancel(ctx)); statErr == nil && left.Jobs > 0 {
		if account.IsLasting(c.Store) {
			c.Logger.Info("jobs stay in the store", "jobs", left.Jobs, "held", left.HeldJobs)
		} else {
			c.Logger.Warn("stopped with jobs left, which the memory store does not keep", "jobs", left.Jobs, "held", left.HeldJobs)
		}
	}
	err = errors.Join(err, account.Close(context.WithoutCancel(ctx), s.core.accounts))
	c.Logger.Info("drained")
	return errors.Join(err, c.Store.Close())
}

// shutdown stops a server, which may be nil; at the end of ctx with its requests under way.
func shutdown(ctx context.Context, server *http.Server) error {
	if server == nil {
		return nil
	}
	err := server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	return err
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

// drain waits for the attempts under way, those of advances among them; the ones that have not ended with ctx are cut
// off.
func (s *Server) drain(ctx context.Context) error {
	defer s.core.scheduler.Cut()
	done := make(chan struct{})
	go func() {
		s.core.scheduler.Drain()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.core.scheduler.Cut()
		select {
		case <-done:
		case <-time.After(cutGrace): // never longer, whatever a scenario does
		}
		return fmt.Errorf("drain: deliveries were cut off: %w", ctx.Err())
	}
}
