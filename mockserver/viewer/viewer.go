// Package viewer is the page at / and the websocket that feeds it.
//
// The page is static files in the binary: no build step, no framework, no request to anywhere else. It is built from
// the journal alone: [Viewer.Events] sends the entries a reader has not seen, then each new one, and the page folds
// them into deliveries, calls and runs. What the page does (play, resend, advance) goes through the control API, which
// is not in here; nor is who may ask, which the server's guard decides.
package viewer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/idmock/idmock/mockserver/store"
)

// Journal is what the viewer reads. A [store.Store] is one.
type Journal interface {
	// Follow yields batches of entries after a Seq, those there are and then those to come, until ctx ends.
	Follow(ctx context.Context, account string, after uint64) iter.Seq2[[]store.Entry, error]
	// Stats tells the first and last Seq held.
	Stats(ctx context.Context) (store.Stats, error)
}

var _ Journal = store.Store(nil)

// Options says how to be a viewer. The zero value works.
type Options struct {
	// Version of the server, shown in the page and sent in the hello frame.
	Version string
	// Self is the base URL under which the server reaches its own built-in receiver, such as http://127.0.0.1:8080. The
	// page proposes it instead of the address it was opened at, which need not lead anywhere from inside a container.
	// Empty means the address of the page.
	Self string
	// CheckOrigin decides who may open the stream; nil allows requests without an Origin and those of the same host.
	CheckOrigin func(*http.Request) bool
	// Logger gets what goes wrong with a stream; nil discards it.
	Logger *slog.Logger
}

// Viewer serves the page; Events serves its stream. Both are safe for concurrent use.
type Viewer struct {
	journal  Journal
	options  Options
	instance string // tells one server process from the next, whose journal counts from 1 again
	files    func() map[string]file
	upgrader websocket.Upgrader
	timing   timing

	pace pace

	mu      sync.Mutex
	stopped bool
	streams map[*stream]context.CancelFunc
	running sync.WaitGroup
}

var _ http.Handler = (*Viewer)(nil)

// New returns a viewer of a journal. Whoever mounts it calls Stop in the end.
func New(j Journal, o Options) *Viewer {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Viewer{
		journal:  j,
		options:  o,
		instance: rand.Text(),
		files:    sync.OnceValue(load), // at the first use: packing them would be most of a start
		upgrader: newUpgrader(o.CheckOrigin),
		timing:   defaultTiming,
		streams:  map[*stream]context.CancelFunc{},
	}
}

// Stop ends every stream with a close frame and waits until their goroutines are gone, or until ctx ends. New streams
// are refused from then on; the page itself is still served.
func (v *Viewer) Stop(ctx context.Context) error {
	v.mu.Lock()
	v.stopped = true
	for _, cancel := range v.streams {
		cancel()
	}
	v.mu.Unlock()

	done := make(chan struct{})
	go func() { // ends when the last stream does, which timing bounds
		v.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop viewer: %w", ctx.Err())
	}
}

var errStopped = errors.New("the server is stopping")

// enter registers a stream, so that Stop can end it and wait for it.
func (v *Viewer) enter(s *stream, cancel context.CancelFunc) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.stopped {
		return errStopped
	}
	v.streams[s] = cancel
	v.running.Add(1)
	return nil
}

func (v *Viewer) leave(s *stream) {
	v.mu.Lock()
	delete(v.streams, s)
	v.mu.Unlock()
	v.running.Done()
}

// timing bounds everything a stream waits for. All of it is wall time.
type timing struct {
	handshake time.Duration // for the upgrade
	write     time.Duration // for one frame to be taken by the reader's side
	gather    time.Duration // after a frame, before the next: what comes meanwhile shares one
	ping      time.Duration // between pings
	pong      time.Duration // without a sign of life; more than ping
	grace     time.Duration // for the close handshake, and for a write under way when the stream ends
}

var defaultTiming = timing{
	handshake: 5 * time.Second,
	write:     15 * time.Second,
	gather:    25 * time.Millisecond, // a glance is longer; a hundred viewers then cost a hundred frames and not a hundred times each entry
	ping:      20 * time.Second,
	pong:      50 * time.Second,
	grace:     time.Second,
}
