package viewer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

const (
	readLimit = 512     // bytes of a message from the reader, who has nothing to say
	frameSize = 1 << 20 // bytes after which a batch goes on in another frame
)

// stream is one reader. It pulls from the journal with a cursor of its own, at its own pace: nothing is queued for it
// but the frame being written and the next one, and a reader that stalls holds up nobody.
type stream struct {
	viewer  *Viewer
	account string
	after   uint64
	conn    *websocket.Conn
	cancel  context.CancelFunc
}

// run feeds the reader until it goes, ctx ends or the journal closes. Three goroutines share the connection: this one
// writes, one reads (for pongs and the close), one follows the journal. All are gone when run returns.
func (s *stream) run(ctx context.Context) {
	var wg sync.WaitGroup
	frames := make(chan []byte)
	ended := make(chan error, 1)
	heard := make(chan struct{})
	written := make(chan struct{})
	wg.Go(func() {
		defer close(heard)
		defer s.cancel() // nobody there any more
		s.listen()
	})
	wg.Go(func() {
		ended <- s.follow(ctx, frames)
		s.cut(written)
	})

	err := s.write(ctx, frames, ended)
	s.close(err, heard)
	close(written)
	s.cancel()
	wg.Wait()
}

// listen reads, and drops, what the reader sends, until the connection ends or shows no life for too long.
func (s *stream) listen() {
	alive := func(string) error { return s.conn.SetReadDeadline(time.Now().Add(s.viewer.timing.pong)) }
	s.conn.SetReadLimit(readLimit)
	s.conn.SetPongHandler(alive)
	if alive("") != nil {
		return
	}
	for {
		if _, _, err := s.conn.NextReader(); err != nil {
			return
		}
	}
}

// follow turns the journal into frames until ctx or the journal ends.
func (s *stream) follow(ctx context.Context, frames chan<- []byte) error {
	for entries, err := range s.viewer.journal.Follow(ctx, s.account, s.after) {
		if err != nil {
			return err
		}
		for len(entries) > 0 {
			var frame []byte
			frame, entries = appendFrame(nil, entries)
			if err := s.viewer.pace.wait(ctx, len(frame)); err != nil {
				return err
			}
			select {
			case frames <- frame:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		select { // several entries a frame cost the server little more than one
		case <-time.After(s.viewer.timing.gather):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// cut closes the connection under a write that still hangs when the stream has long ended.
func (s *stream) cut(written <-chan struct{}) {
	timer := time.NewTimer(2 * s.viewer.timing.grace)
	defer timer.Stop()
	select {
	case <-written:
	case <-timer.C:
		_ = s.conn.Close()
	}
}

// write is the only writer of data. It returns why the stream ends.
func (s *stream) write(ctx context.Context, frames <-chan []byte, ended <-chan error) error {
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
			if err := s.send(frame); err != nil {
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

// errJournal marks what is our fault and not the reader's.
var errJournal = errors.New("the journal cannot be read")

// close says goodbye and gives the reader a moment to answer, so that it sees an end and not a failure.
func (s *stream) close(err error, heard <-chan struct{}) {
	defer func() { _ = s.conn.Close() }()
	code, reason := websocket.CloseGoingAway, errStopped
	switch log := s.viewer.options.Logger.With("account", s.account, "err", err); {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, store.ErrClosed):
	case errors.Is(err, errJournal):
		log.Error("stream ended")
		code, reason = websocket.CloseInternalServerErr, errJournal
	default: // the connection failed: there is nobody to tell
		log.Debug("stream lost")
		return
	}
	goodbye := websocket.FormatCloseMessage(code, reason.Error())
	if s.conn.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(s.viewer.timing.grace)) != nil {
		return
	}
	timer := time.NewTimer(s.viewer.timing.grace)
	defer timer.Stop()
	select {
	case <-heard:
	case <-timer.C:
	}
}

// hello is the first frame of every stream.
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

// appendFrame writes one frame of as many entries as fit, at least one, and returns those left over.
func appendFrame(dst []byte, entries []store.Entry) (frame []byte, rest []store.Entry) {
	dst = append(dst, `{"type":"entries","entries":[`...)
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
