package viewer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/store"
)

// bench is a viewer with a real socket and a real store.
type bench struct {
	*Viewer
	store  *store.Memory
	server *httptest.Server
}

func newBench(t *testing.T, r store.Retention, o Options) *bench {
	t.Helper()
	m := store.NewMemory(r)
	b := &bench{Viewer: New(m, o), store: m}
	mux := http.NewServeMux()
	mux.Handle("/", b.Viewer)
	mux.HandleFunc("/_idmock/v1/events", b.Events)
	b.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := b.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
		b.server.Close()
		_ = m.Close()
	})
	return b
}

// write commits n entries of an account, each with size bytes of text, and returns the last Seq.
func (b *bench) write(t *testing.T, account string, n, size int) uint64 {
	t.Helper()
	var last uint64
	for range n {
		var err error
		last, err = b.store.Commit(t.Context(), store.Change{Entries: []store.Entry{{
			At: time.Now(), Wall: time.Now(), Account: account, Kind: "call",
			Data: fmt.Appendf(nil, `{"path":%q}`, strings.Repeat("x", size)),
		}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return last
}

// reader is the client end of a stream.
type reader struct {
	*websocket.Conn
	hello helloFrame
}

type helloFrame struct {
	Type, Server, Instance, Self string
	Version                      int
	Head, Oldest                 uint64
	Wall                         time.Time
}

type wireEntry struct {
	Seq     uint64
	Account string
	Kind    string
	Data    json.RawMessage
}

func (b *bench) dial(query string, header http.Header) (*websocket.Conn, *http.Response, error) {
	dialer := websocket.Dialer{HandshakeTimeout: 10 * time.Second}
	return dialer.Dial("ws"+strings.TrimPrefix(b.server.URL, "http")+"/_idmock/v1/events"+query, header)
}

func (b *bench) open(t *testing.T, query string) *reader {
	t.Helper()
	conn, _, err := b.dial(query, nil)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	r := &reader{Conn: conn}
	if err := conn.ReadJSON(&r.hello); err != nil {
		t.Fatalf("hello: %v", err)
	}
	return r
}

// frame reads one entries frame.
func (r *reader) frame(t *testing.T) []wireEntry {
	t.Helper()
	var f struct {
		Type    string
		Entries []wireEntry
	}
	if err := r.ReadJSON(&f); err != nil {
		t.Fatalf("read frame: %v", err)
	}
	if f.Type != "entries" || len(f.Entries) == 0 {
		t.Fatalf("frame is %+v", f)
	}
	return f.Entries
}

// until reads frames up to an entry with at least this Seq, and fails for lost, duplicate or reordered entries.
func (r *reader) until(t *testing.T, last uint64) (seqs []uint64) {
	t.Helper()
	for len(seqs) == 0 || seqs[len(seqs)-1] < last {
		for _, e := range r.frame(t) {
			if len(seqs) > 0 && e.Seq <= seqs[len(seqs)-1] {
				t.Fatalf("seq %d after %d", e.Seq, seqs[len(seqs)-1])
			}
			seqs = append(seqs, e.Seq)
		}
	}
	return seqs
}

func TestHelloComesFirst(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{Version: "v1.2.3", Self: "http://127.0.0.1:8080"})
	b.write(t, "a", 3, 1)
	got := b.open(t, "?after=3").hello
	if got.Type != "hello" || got.Version != 1 || got.Server != "v1.2.3" || got.Head != 3 || got.Oldest != 1 ||
		got.Self != "http://127.0.0.1:8080" || got.Instance == "" || time.Since(got.Wall).Abs() > time.Minute {
		t.Errorf("hello is %+v", got)
	}
	if again := b.open(t, "").hello; again.Instance != got.Instance {
		t.Errorf("instance changed from %q to %q", got.Instance, again.Instance)
	}
}

func TestHistoryThenLive(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{})
	last := b.write(t, "a", 1000, 10)
	r := b.open(t, "")
	if n := len(r.until(t, last)); n != 1000 {
		t.Errorf("history has %d entries, want 1000", n)
	}
	for range 5 {
		last = b.write(t, "a", 1, 10)
		if seqs := r.until(t, last); len(seqs) != 1 {
			t.Errorf("one commit brought %v", seqs)
		}
	}
}

func TestResume(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{})
	first := b.open(t, "")
	last := b.write(t, "a", 5, 1)
	first.until(t, last)
	_ = first.NetConn().Close() // without a close frame
	b.write(t, "a", 300, 1)
	seqs := b.open(t, fmt.Sprintf("?after=%d", last)).until(t, 305)
	if len(seqs) != 300 || seqs[0] != 6 {
		t.Errorf("resumed with %d entries from %d, want 300 from 6", len(seqs), seqs[0])
	}
}

func TestAccountFilter(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{})
	b.write(t, "a", 1, 1)
	b.write(t, "b & c", 1, 1)
	r := b.open(t, "?account=b+%26+c")
	b.write(t, "a", 1, 1)
	last := b.write(t, "b & c", 1, 1)
	seqs := r.until(t, last)
	if len(seqs) != 2 || seqs[0] != 2 || seqs[1] != 4 {
		t.Errorf("got %v, want [2 4]", seqs)
	}
}

func TestGap(t *testing.T) {
	b := newBench(t, store.Retention{Entries: 10}, Options{})
	b.write(t, "a", 100, 1)
	r := b.open(t, "?after=4")
	oldest := r.hello.Oldest
	entries := r.frame(t)
	want := fmt.Sprintf(`{"missed":%d}`, oldest-1-4)
	if gap := entries[0]; gap.Kind != "gap" || gap.Seq != oldest-1 || string(gap.Data) != want {
		t.Errorf("first entry is %d %s %s, want %d gap %s", gap.Seq, gap.Kind, gap.Data, oldest-1, want)
	}
	if got := entries[1].Seq; got != oldest {
		t.Errorf("after the gap comes %d, want %d", got, oldest)
	}
}

func TestBatchesAreCutBySize(t *testing.T) {
	b := newBench(t, store.Retention{EntryBytes: 1 << 30}, Options{})
	last := b.write(t, "a", 40, 100_000)
	r := b.open(t, "")
	r.SetReadLimit(2 * frameSize)
	if n := len(r.until(t, last)); n != 40 {
		t.Errorf("got %d entries, want 40", n)
	}
}

func TestSlowReaderDelaysNoOthers(t *testing.T) {
	testenv.Long(t)
	b := newBench(t, store.Retention{EntryBytes: 1 << 30}, Options{})
	slow := b.open(t, "") // never reads again
	if err := slow.NetConn().(*net.TCPConn).SetReadBuffer(1 << 16); err != nil {
		t.Fatal(err)
	}
	fast := b.open(t, "")
	const n = 150
	b.write(t, "a", n, 100_000) // 15 MB: more than sockets hold
	if got := len(fast.until(t, n)); got != n {
		t.Errorf("fast reader got %d entries, want %d", got, n)
	}
	begin := time.Now()
	if err := b.Stop(t.Context()); err != nil { // with a write that hangs
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("stop took %v", took)
	}
}

func TestStopSaysGoodbye(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{})
	r := b.open(t, "")
	stopped := make(chan error)
	go func() { stopped <- b.Stop(context.Background()) }()
	if _, _, err := r.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("reader sees %v, want close 1001", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	if _, response, err := b.dial("", nil); err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after stop: %v, %v", response, err)
	}
}

func TestStopIsBounded(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{})
	b.open(t, "")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Stop(ended); err == nil {
		t.Error("stop with an ended context waited for the streams")
	}
}

func TestStreamEndsWithItsReader(t *testing.T) {
	for name, leave := range map[string]func(*reader) error{
		"closed": func(r *reader) error { return r.NetConn().Close() },
		"reset":  func(r *reader) error { _ = r.NetConn().(*net.TCPConn).SetLinger(0); return r.NetConn().Close() },
		"bye":    func(r *reader) error { return r.WriteControl(websocket.CloseMessage, nil, time.Now().Add(time.Second)) },
		"talks":  func(r *reader) error { return r.WriteMessage(websocket.TextMessage, make([]byte, readLimit+1)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, store.Retention{}, Options{})
			r := b.open(t, "")
			if err := leave(r); err != nil {
				t.Fatal(err)
			}
			b.running.Wait() // the test's own time limit is the bound
		})
	}
}

func TestSilentReaderIsGivenUp(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{})
	b.timing.ping, b.timing.pong = 20*time.Millisecond, 100*time.Millisecond
	pinged := make(chan struct{}, 64)
	r := b.open(t, "")
	r.SetPingHandler(func(string) error { pinged <- struct{}{}; return nil }) // and no pong
	go func() { _, _, _ = r.ReadMessage() }()
	<-pinged
	b.running.Wait()
}

func TestPongKeepsAStreamAlive(t *testing.T) {
	testenv.Long(t)
	b := newBench(t, store.Retention{}, Options{})
	b.timing.ping, b.timing.pong = 20*time.Millisecond, time.Second
	r := b.open(t, "")
	pings := 0
	answer := r.PingHandler()
	r.SetPingHandler(func(data string) error {
		if pings++; pings == 100 { // twice the timeout of a silent reader
			b.write(t, "a", 1, 1)
		}
		return answer(data)
	})
	r.until(t, 1)
}

func TestStoreClosed(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{})
	r := b.open(t, "")
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("reader sees %v, want close 1001", err)
	}
}

func TestRefusals(t *testing.T) {
	b := newBench(t, store.Retention{}, Options{CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") == "" }})
	for name, c := range map[string]struct {
		query  string
		header http.Header
		status int
	}{
		"after is a word":   {"?after=yesterday", nil, http.StatusBadRequest},
		"after is negative": {"?after=-1", nil, http.StatusBadRequest},
		"foreign origin":    {"", http.Header{"Origin": {"https://example.com"}}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			_, response, err := b.dial(c.query, c.header)
			if err == nil || response.StatusCode != c.status || response.Header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("got %v, %v; want %d", response, err, c.status)
			}
			body, _ := io.ReadAll(response.Body)
			var p struct{ Detail string }
			if json.Unmarshal(body, &p) != nil || p.Detail == "" {
				t.Errorf("body is %s", body)
			}
		})
	}
	response, err := http.Get(b.server.URL + "/_idmock/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("without upgrade: %d, want 400", response.StatusCode)
	}
}

// wrapped hides the connection as a middleware's response writer does.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestEventsBehindAMiddleware(t *testing.T) {
	m := store.NewMemory(store.Retention{})
	v := New(m, Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Idmock", "v1")
		v.Events(wrapped{w}, r)
	}))
	defer server.Close()
	b := &bench{Viewer: v, store: m, server: server}
	conn, response, err := b.dial("", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := response.Header.Get("X-Idmock"); got != "v1" {
		t.Errorf("X-Idmock is %q: headers of the middleware are lost", got)
	}
	if err := v.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
