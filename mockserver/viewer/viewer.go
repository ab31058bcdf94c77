// Package viewer serves the page at / and the websocket that feeds it.
//
// The page consists of static files in the binary, without a build step, a framework or requests to other servers. It derives
// everything it displays from the journal: [Viewer.Events] sends the entries that the client lacks and then each new one.
// Actions of the page, such as resend, are requests to the control API, which is not in here. Access control is in front of it,
// in package access.
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

	"github.com/idmock/idmock/internal/asset"
	"github.com/idmock/idmock/mockserver/store"
)

// Journal reads the history. A [store.Store] implements it.
type Journal interface {
	// Follow yields existing and future entries after a Seq, in batches, until ctx ends.
	Follow(ctx context.Context, account string, after uint64) iter.Seq2[[]store.Entry, error]
	// Stats returns the first and last retained Seq.
	Stats(ctx context.Context) (store.Stats, error)
}

var _ Journal = store.Store(nil)

// Options configures a Viewer. The zero value works.
type Options struct {
	// Version of the server, displayed on the page.
	Version string
	// Self is the base URL under which the server reaches its own built-in receiver, such as http://127.0.0.1:8080. The page
	// suggests it for endpoints, because its own address may not resolve inside a container. Empty: the page's address.
	Self string
	// CheckOrigin decides whether to accept a stream; nil accepts requests of the same host or without an Origin.
	CheckOrigin func(*http.Request) bool
	// Logger receives errors of streams; nil discards them.
	Logger *slog.Logger
}

// Viewer serves the page; Events serves its stream. Both are safe for concurrent use.
type Viewer struct {
	journal  Journal
	options  Options
	instance string // identifies the process: after a restart, sequence numbers start at 1 again
	files    func() map[string]*asset.File
	upgrader websocket.Upgrader
	timing   timing

	pace pace

	mu      sync.Mutex
	stopped bool
	streams map[*stream]context.CancelFunc
	running sync.WaitGroup
}

var _ http.Handler = (*Viewer)(nil)

// New returns a viewer of a journal. The caller stops it with Stop.
func New(j Journal, o Options) *Viewer {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Viewer{
		journal:  j,
		options:  o,
		instance: rand.Text(),
		files:    sync.OnceValue(loadFiles), // on first use: compression would dominate the start-up time
		upgrader: newUpgrader(o.CheckOrigin),
		timing:   defaultTiming,
		streams:  map[*stream]context.CancelFunc{},
	}
}

// Stop closes all streams with a close frame and waits for their goroutines, or until ctx ends. It rejects new streams; the page
// itself stays available.
func (v *Viewer) Stop(ctx context.Context) error {
	v.mu.Lock()
	v.stopped = true
	for _, cancel := range v.streams {
		cancel()
	}
	v.mu.Unlock()

	done := make(chan struct{})
	go func() { // timing bounds how long the last stream takes
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

var errStopped = errors.New("server is stopping")

// enter registers a stream with Stop.
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

// gathering returns the pause after a frame. It grows with the number of streams, so that a crowd of viewers does not take
// the machine from deliveries: a hundred are a quarter of a second late.
func (v *Viewer) gathering() time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.timing.gather * time.Duration(min(max(1, len(v.streams)/8), 10))
}

// timing bounds the waits of a stream, in wall time.
type timing struct {
	handshake time.Duration // of the upgrade
	write     time.Duration // of one frame
	gather    time.Duration // between frames, to batch entries
	ping      time.Duration // between pings
	pong      time.Duration // until a silent client counts as disconnected; more than ping
	grace     time.Duration // for the close handshake and for a pending write at the end
}

var defaultTiming = timing{
	handshake: 5 * time.Second,
	write:     15 * time.Second,
	gather:    25 * time.Millisecond, // imperceptible; with many viewers, batching saves most of the work
	ping:      20 * time.Second,
	pong:      50 * time.Second,
	grace:     time.Second,
}
