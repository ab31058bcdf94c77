package viewer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/idmock/idmock/internal/problem"
)

// Events is the websocket endpoint. Its query parameters are after (the last sequence number that the client has, default 0)
// and account (default all accounts). It sends text frames of JSON:
//
//	{"type":"hello","version":1,"server":"…","instance":"…","head":N,"oldest":N,"evicted":N,"wall":"…","self":"…"}
//	{"type":"entries","entries":[{"seq":1,"at":"…","wall":"…","account":"…","kind":"…","data":{…}},…]}
//
// The hello frame comes first. After a disconnect, a client reconnects with after set to the last seq it received, and gets the
// entries since, or a gap entry if some were dropped. A new instance means a new journal, to be read from the start. The server
// ignores messages from the client; long ones end the stream.
func (v *Viewer) Events(w http.ResponseWriter, r *http.Request) {
	account, after, err := position(r.URL.Query())
	if err != nil {
		reject(w, http.StatusBadRequest, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context()) // does not end with a hijacked connection: stream.listen cancels it
	defer cancel()
	s := &stream{viewer: v, account: account, after: after, cancel: cancel}
	if err := v.enter(s, cancel); err != nil {
		reject(w, http.StatusServiceUnavailable, err)
		return
	}
	defer v.leave(s)
	s.conn, err = v.upgrader.Upgrade(hijacker{w}, r, w.Header().Clone())
	if err != nil { // Upgrade has responded
		v.options.Logger.DebugContext(ctx, "stream rejected", "err", err)
		return
	}
	s.run(ctx)
}

// position returns the start of a stream.
func position(q url.Values) (account string, after uint64, err error) {
	if text := q.Get("after"); text != "" {
		after, err = strconv.ParseUint(text, 10, 64)
		if err != nil {
			return "", 0, fmt.Errorf("invalid after %q: use a sequence number", text)
		}
	}
	return q.Get("account"), after, nil
}

func newUpgrader(checkOrigin func(*http.Request) bool) websocket.Upgrader {
	return websocket.Upgrader{
		HandshakeTimeout: defaultTiming.handshake,
		ReadBufferSize:   512,
		WriteBufferSize:  16 << 10,
		WriteBufferPool:  &sync.Pool{}, // idle streams need no buffer
		CheckOrigin:      checkOrigin,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			reject(w, status, reason)
		},
	}
}

// reject responds with a problem.
func reject(w http.ResponseWriter, status int, reason error) {
	_ = problem.New(status, "%v", reason).Write(w) // text without members always encodes
}

// hijacker unwraps response writers, which websocket.Upgrader does not do.
type hijacker struct{ http.ResponseWriter }

var _ http.Hijacker = hijacker{}

// Hijack takes over the connection.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if errors.Is(err, http.ErrNotSupported) {
		err = fmt.Errorf("connection does not support websockets: %w", err)
	}
	return conn, rw, err
}
