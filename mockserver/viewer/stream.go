package viewer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

const (
	readLimit = 512     // bytes of a message from the client, which is ignored
	frameSize = 1 << 20 // bytes; longer batches are split
	entryRoom = 256     // bytes of an entry beside its data, roughly
)

// stream feeds one client. It reads the journal with its own cursor and buffers only the current frame and the next one, so that
// a stalled client does not affect others.
type stream struct {
	viewer  *Viewer
	account string
	after   uint64
	conn    *websocket.Conn
	cancel  context.CancelFunc
}

// run feeds the client until it disconnects, ctx ends or the journal closes. Three goroutines share the connection: this one
// writes, one reads pongs and the close frame, one follows the journal. All have ended when run returns.
func (s *stream) run(ctx context.Context) {
	var wg sync.WaitGroup
	frames := make(chan *[]byte)
	ended := make(chan error, 1)
	disconnected := make(chan struct{})
	written := make(chan struct{})
	wg.Go(func() {
		defer close(disconnected)
		defer s.cancel()
		s.listen()
	})
	wg.Go(func() {
		ended <- s.follow(ctx, frames)
		s.cut(written)
	})

	err := s.write(ctx, frames, ended)
	s.close(err, disconnected)
	close(written)
	s.cancel()
	wg.Wait()
}

// listen discards messages until the connection ends or stops responding to pings.
func (s *stream) listen() {
	extend := func(string) error { return s.conn.SetReadDeadline(time.Now().Add(s.viewer.timing.pong)) }
	s.conn.SetReadLimit(readLimit)
	s.conn.SetPongHandler(extend)
	if extend("") != nil {
		return
	}
	for {
		if _, _, err := s.conn.NextReader(); err != nil {
			return
		}
	}
}

// follow converts the journal to frames until ctx or the journal ends.
func (s *stream) follow(ctx context.Context, frames chan<- *[]byte) error {
	for entries, err := range s.viewer.journal.Follow(ctx, s.account, s.after) {
		if err != nil {
			return err
		}
		for len(entries) > 0 {
			frame := buffers.Get().(*[]byte)
			*frame, entries = appendFrame((*frame)[:0], entries)
			if err := s.viewer.pace.wait(ctx, len(*frame)); err != nil {
				return err
			}
			select {
			case frames <- frame:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		select { // a frame of several entries costs little more than one of a single entry
		case <-time.After(s.viewer.gathering()):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// cut closes the connection if a write is still blocked long after the stream has ended.
func (s *stream) cut(written <-chan struct{}) {
	timer := time.NewTimer(2 * s.viewer.timing.grace)
	defer timer.Stop()
	select {
	case <-written:
	case <-timer.C:
		_ = s.conn.Close()
	}
}

// write writes all data frames. It returns the reason why the stream ends.
func (s *stream) write(ctx context.Context, frames <-chan *[]byte, ended <-chan error) error {
	hello, err := s.viewer.hello(ctx)
	if err != nil {
		return err
	}
	if err := s.send(hello); err != nil {
		return err
	}
	ping := time.NewTicker(s.viewer.timing.ping)
	defer ping.Stop()
	for {
		select {
		case frame := <-frames:
			err := s.send(*frame)
			buffers.Put(frame)
			if err != nil {
				return err
			}
		case <-ping.C:
			if err := s.conn.WriteControl(websocket.PingMessage, nil, s.deadline()); err != nil {
				return err
			}
		case err := <-ended:
			return fmt.Errorf("%w: %w", errJournal, err)
		}
	}
}

func (s *stream) send(frame []byte) error {
	if err := s.conn.SetWriteDeadline(s.deadline()); err != nil {
		return err
	}
	return s.conn.WriteMessage(websocket.TextMessage, frame)
}

func (s *stream) deadline() time.Time { return time.Now().Add(s.viewer.timing.write) }

// errJournal marks errors of the server.
var errJournal = errors.New("cannot read the journal")

// close sends a close frame and waits for the client's, so that the client sees a regular end.
func (s *stream) close(err error, disconnected <-chan struct{}) {
	defer func() { _ = s.conn.Close() }()
	code, reason := websocket.CloseGoingAway, errStopped
	switch log := s.viewer.options.Logger.With("account", s.account, "err", err); {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, store.ErrClosed):
	case errors.Is(err, errJournal):
		log.Error("stream ended")
		code, reason = websocket.CloseInternalServerErr, errJournal
	default: // the connection failed
		log.Debug("stream lost")
		return
	}
	frame := websocket.FormatCloseMessage(code, reason.Error())
	if s.conn.WriteControl(websocket.CloseMessage, frame, time.Now().Add(s.viewer.timing.grace)) != nil {
		return
	}
	timer := time.NewTimer(s.viewer.timing.grace)
	defer timer.Stop()
	select {
	case <-disconnected:
	case <-timer.C:
	}
}

// hello returns the first frame of a stream.
func (v *Viewer) hello(ctx context.Context) ([]byte, error) {
	stats, err := v.journal.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errJournal, err)
	}
	return json.Marshal(struct {
		Type     string    `json:"type"`
		Version  int       `json:"version"`
		Server   string    `json:"server"`
		Instance string    `json:"instance"`
		Head     uint64    `json:"head"`
		Oldest   uint64    `json:"oldest"`
		Evicted  uint64    `json:"evicted"`
		Wall     time.Time `json:"wall"`
		Self     string    `json:"self,omitempty"`
	}{"hello", 1, v.options.Version, v.instance, stats.Head, stats.Oldest, stats.Evicted, time.Now().UTC(), v.options.Self})
}

// buffers of frames are reused: with many viewers, frames would otherwise be most of the garbage.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// appendFrame appends a frame with as many entries as fit, at least one, and returns the remaining entries.
func appendFrame(dst []byte, entries []store.Entry) (frame []byte, rest []store.Entry) {
	size := 64
	for i := range entries {
		size += len(entries[i].Data) + entryRoom
	}
	dst = append(slices.Grow(dst, min(size, frameSize+entryRoom)), `{"type":"entries","entries":[`...)
	for i, entry := range entries {
		if i > 0 {
			if len(dst)+len(entry.Data) > frameSize {
				return append(dst, "]}"...), entries[i:]
			}
			dst = append(dst, ',')
		}
		dst = journal.AppendEntry(dst, entry)
	}
	return append(dst, "]}"...), nil
}
