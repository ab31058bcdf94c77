package viewer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/gorilla/websocket"
)

// Events is the websocket endpoint. It takes ?after=SEQ (what the reader has already, 0 if absent) and ?account=NAME
// (all accounts if absent), and sends text frames of JSON:
//
//	{"type":"hello","version":1,"server":"…","instance":"…","head":N,"oldest":N,"evicted":N,"wall":"…","self":"…"}
//	{"type":"entries","entries":[{"seq":1,"at":"…","wall":"…","account":"…","kind":"…","data":{…}},…]}
//
// The hello comes first and once. A reader that was cut off asks again with after set to the last seq it saw and gets
// what came since, or a gap entry and what is left of it. Another instance than before means another journal, to be
// read from the start. The reader has nothing to say; its messages are dropped, and long ones end the stream.
func (v *Viewer) Events(w http.ResponseWriter, r *http.Request) {
	account, after, err := position(r.URL.Query())
	if err != nil {
		problem(w, http.StatusBadRequest, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context()) // which a hijacked connection does not end: stream.listen does
	defer cancel()
	s := &stream{viewer: v, account: account, after: after, cancel: cancel}
	if err := v.enter(s, cancel); err != nil {
		problem(w, http.StatusServiceUnavailable, err)
		return
	}
	defer v.leave(s)
	s.conn, err = v.upgrader.Upgrade(hijacker{w}, r, w.Header().Clone())
	if err != nil { // and has been answered
		v.options.Logger.DebugContext(ctx, "stream refused", "err", err)
		return
	}
	s.run(ctx)
}

// position reads where a reader wants to start.
func position(q url.Values) (account string, after uint64, err error) {
	if text := q.Get("after"); text != "" {
		after, err = strconv.ParseUint(text, 10, 64)
		if err != nil {
			return "", 0, fmt.Errorf("after must be a sequence number, not %q", text)
		}
	}
	return q.Get("account"), after, nil
}

func newUpgrader(checkOrigin func(*http.Request) bool) websocket.Upgrader {
	return websocket.Upgrader{
		HandshakeTimeout: defaultTiming.handshake,
		ReadBufferSize:   512,
		WriteBufferSize:  16 << 10,
		WriteBufferPool:  &sync.Pool{}, // an idle stream holds no buffer
		CheckOrigin:      checkOrigin,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			problem(w, status, reason)
		},
	}
}

// problem answers as the control API does, with an RFC 9457 body.
func problem(w http.ResponseWriter, status int, reason error) {
	body, err := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, reason.Error()})
	if err != nil {
		http.Error(w, reason.Error(), status)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a reader that is gone does not miss it
}

// hijacker finds the connection behind wrapped response writers, which websocket.Upgrader does not.
type hijacker struct{ http.ResponseWriter }

var _ http.Hijacker = hijacker{}

// Hijack takes over the connection.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if errors.Is(err, http.ErrNotSupported) {
		err = fmt.Errorf("the connection cannot become a websocket: %w", err)
	}
	return conn, rw, err
}
