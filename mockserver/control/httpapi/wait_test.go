package httpapi_test

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// waited is a response of a wait.
type waited struct {
	Entries []wire
	Closest []wire
	Cursor  uint64
	Seen    int
	Evicted uint64
	Status  int
	Detail  string
}

type wire struct {
	Seq     uint64
	Account string
	Kind    string
}

func seqs(entries []wire) []uint64 {
	var all []uint64
	for _, e := range entries {
		all = append(all, e.Seq)
	}
	return all
}

// ask sends a request without a network, so that it works in a bubble.
func ask(ctx context.Context, h http.Handler, request, body string) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(request, " ")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, method, control.Base+path, strings.NewReader(body)))
	return w
}

func wait(t *testing.T, h http.Handler, request, body string) waited {
	t.Helper()
	w := ask(t.Context(), h, request, body)
	answer := waited{Status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return answer
}

func TestWaitAnswersAsSoonAsItIsSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend(store.Retention{})
		h := b.handler(httpapi.Options{})
		before := time.Now()
		done := make(chan waited)
		go func() {
			done <- wait(t, h, "POST /wait?account=a", `{"event":"ENROLL","count":2,"timeout":"1m"}`)
		}()
		synctest.Wait() // waits for the first
		b.add(t, "a", planned("d-1", "ENROLL"), ended("d-1", "ENROLL", "exhausted"), ended("d-2", "ENROLL", "delivered"))
		b.add(t, "b", ended("d-3", "ENROLL", "delivered")) // of another account
		synctest.Wait()                                    // has one of two
		time.Sleep(30 * time.Second)                       // bubble time
		b.add(t, "a", ended("d-4", "ENROLL", "delivered"), ended("d-5", "ENROLL", "delivered"))
		got := <-done
		if got.Status != 200 || !gocmp.Equal(seqs(got.Entries), []uint64{3, 5}) || got.Cursor != 5 {
			t.Errorf("got %+v, want entries 3 and 5 and the cursor of the last", got)
		}
		if took := time.Since(before); took != 30*time.Second {
			t.Errorf("took %v, want to end with the commit after 30 s", took)
		}
		// The cursor continues after the entries that the first wait has counted.
		if got := wait(t, h, "POST /wait?account=a", `{"event":"ENROLL","after":5,"timeout":"0s"}`); !gocmp.Equal(seqs(got.Entries), []uint64{6}) {
			t.Errorf("after the cursor: got %+v, want entry 6", got)
		}
	})
}

func TestWaitTellsWhatCameClosest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend(store.Retention{})
		h := b.handler(httpapi.Options{})
		b.add(t, "a",
			planned("d-1", "ENROLL"), attempt("d-0", 200), ended("d-1", "ENROLL", "delivered"), // matches; its earlier entries are not near misses
			planned("d-2", "ENROLL"),                                      // 4: only planned
			planned("d-3", "ENROLL"), ended("d-3", "ENROLL", "exhausted"), // 6: another outcome
			ended("d-4", "AUTH", "delivered"), // 7: another event
			planned("d-5", "AUTH"))            // two conditions missed
		before := time.Now()
		got := wait(t, h, "POST /wait?account=a", `{"event":"ENROLL","outcome":"delivered","count":2,"timeout":"5s"}`)
		if took := time.Since(before); took != 5*time.Second {
			t.Errorf("took %v, want the timeout", took)
		}
		if got.Status != 408 || got.Seen != 1 || !gocmp.Equal(seqs(got.Closest), []uint64{4, 6, 7}) {
			t.Errorf("got %+v, want 408, 1 seen, entries 4, 6 and 7 closest", got)
		}
		if want := "1 of 2 seen within 5s: see closest for the near misses"; got.Detail != want {
			t.Errorf("detail is %q, want %q", got.Detail, want)
		}
		for range 9 {
			b.add(t, "a", planned("d-more", "ENROLL"), planned("d-2", "ENROLL"), planned("d-7", "ENROLL"), planned("d-8", "ENROLL"), planned("d-9", "ENROLL"), planned("d-10", "ENROLL"))
		}
		got = wait(t, h, "POST /wait", `{"event":"ENROLL","count":2}`)
		if len(got.Closest) != 5 || got.Closest[4].Seq != 62 {
			t.Errorf("got closest %+v, want the last 5 up to 62", got.Closest)
		}
		got = wait(t, h, "POST /wait?account=unknown", `{"event":"ENROLL"}`)
		if got.Seen != 0 || got.Closest == nil || len(got.Closest) != 0 || !strings.Contains(got.Detail, "check that an endpoint is registered") {
			t.Errorf("got %+v, want nothing close and a hint", got)
		}
	})
}

func TestWaitConditions(t *testing.T) {
	b := newBackend(store.Retention{})
	h := b.handler(httpapi.Options{})
	b.add(t, "a", planned("d-1", "ENROLL"), attempt("d-1", 503), attempt("d-1", 200), ended("d-1", "ENROLL", "delivered"), ended("d-2", "AUTH", "exhausted"),
		journal.Run{Run: "r-d-2", Provider: "acme", State: json.RawMessage(`{}`)})
	for _, c := range []struct {
		body string
		want []uint64 // none: 408
	}{
		{`{"timeout":"0s"}`, []uint64{4}},
		{`{"outcome":"delivered","timeout":"0s"}`, []uint64{4}},
		{`{"outcome":"attempted","count":2,"timeout":"0s"}`, []uint64{2, 3}},
		{`{"outcome":"exhausted","timeout":"0s"}`, []uint64{5}},
		{`{"outcome":"exhausted","event":"ENROLL","timeout":"0s"}`, nil},
		{`{"run":"r-d-1","timeout":"0s"}`, []uint64{4}},
		{`{"run":"r-d-9","timeout":"0s"}`, nil},
		{`{"delivery":"d-2","outcome":"exhausted","timeout":"0s"}`, []uint64{5}},
		{`{"provider":"empty","timeout":"0s"}`, nil},
		{`{"outcome":"attempted","after":2,"timeout":"0s"}`, []uint64{3}},
		{`{"after":99,"timeout":"0s"}`, nil},
	} {
		got := wait(t, h, "POST /wait", c.body)
		if !gocmp.Equal(seqs(got.Entries), c.want) || (c.want == nil) != (got.Status == 408) {
			t.Errorf("%s: got %+v, want %v", c.body, got, c.want)
		}
	}
}

func TestWaitTellsOfAGap(t *testing.T) {
	b := newBackend(store.Retention{Entries: 3})
	for range 10 {
		b.add(t, "a", ended("d-1", "ENROLL", "delivered"))
	}
	got := wait(t, b.handler(httpapi.Options{}), "POST /wait?account=a", `{"count":4,"timeout":"0s"}`)
	if got.Seen != 3 || got.Evicted != 7 || !strings.Contains(got.Detail, "dropped 7 entries") {
		t.Errorf("got %+v, want 3 seen and 7 evicted", got)
	}
}

// A wait that is satisfied by retained entries still reports that entries were dropped.
func TestWaitThatSucceedsTellsOfAGap(t *testing.T) {
	b := newBackend(store.Retention{Entries: 3})
	h := b.handler(httpapi.Options{})
	for range 10 {
		b.add(t, "a", ended("d-1", "ENROLL", "delivered"))
	}
	if got := wait(t, h, "POST /wait?account=a", `{"count":2,"after":4,"timeout":"0s"}`); got.Status != 200 || got.Evicted != 3 || got.Cursor != 9 {
		t.Errorf("from a cursor that was dropped: %+v, want entries 8 and 9, and 3 that are gone", got)
	}
	if got := wait(t, h, "POST /wait?account=a", `{"count":2,"after":7,"timeout":"0s"}`); got.Status != 200 || got.Evicted != 0 {
		t.Errorf("from a cursor that is held: %+v, want nothing said of what is of no matter", got)
	}
}

// A wait does not poll: it reads the journal once, and is woken.
func TestWaitDoesNotPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend(store.Retention{})
		h := b.handler(httpapi.Options{})
		done := make(chan waited)
		go func() { done <- wait(t, h, "POST /wait?account=a", `{"timeout":"10m"}`) }()
		synctest.Wait()
		before := b.asked.Load()
		time.Sleep(9 * time.Minute) // bubble time
		b.add(t, "b", ended("d-1", "ENROLL", "delivered"))
		synctest.Wait()
		if after := b.asked.Load(); after != before {
			t.Errorf("asked the journal %d times while there was nothing to tell", after-before)
		}
		b.add(t, "a", ended("d-2", "ENROLL", "delivered"))
		if got := <-done; got.Status != 200 {
			t.Errorf("got %+v", got)
		}
	})
}

// TestWaitEndsWithTheCallerOrTheServer: neither is a timeout.
func TestWaitEndsWithTheCallerOrTheServer(t *testing.T) {
	for name, end := range map[string]func(*backend, context.CancelFunc){
		"caller": func(_ *backend, cancel context.CancelFunc) { cancel() },
		"store":  func(b *backend, _ context.CancelFunc) { _ = b.Close() },
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBackend(store.Retention{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan *httptest.ResponseRecorder)
			go func() { done <- ask(ctx, b.handler(httpapi.Options{}), "POST /wait", `{"timeout":"10m"}`) }()
			synctest.Wait()
			end(b, cancel)
			if w := <-done; w.Code != http.StatusServiceUnavailable {
				t.Errorf("%s: got %d %s, want 503", name, w.Code, w.Body)
			}
		})
	}
}

func TestWaitIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend(store.Retention{})
		h := b.handler(httpapi.Options{})
		quiet := make(chan struct{})
		b.idle = func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-quiet:
				return nil
			}
		}
		before := time.Now()
		if w := ask(t.Context(), h, "POST /wait/idle", ""); w.Code != 408 || time.Since(before) != 10*time.Second {
			t.Errorf("got %d after %v, want 408 after 10 s: %s", w.Code, time.Since(before), w.Body)
		}
		done := make(chan *httptest.ResponseRecorder)
		go func() { done <- ask(t.Context(), h, "POST /wait/idle", `{"timeout":"10m"}`) }()
		synctest.Wait()
		close(quiet)
		if w := <-done; w.Code != 200 {
			t.Errorf("got %d %s, want 200", w.Code, w.Body)
		}
	})
}

// TestWaitOutlastsTheServersLimits: timeouts against slow clients must not end long waits.
func TestWaitOutlastsTheServersLimits(t *testing.T) {
	server := httptest.NewUnstartedServer(newBackend(store.Retention{}).handler(httpapi.Options{}))
	server.Config.ReadTimeout, server.Config.WriteTimeout = 20*time.Millisecond, 20*time.Millisecond
	server.Start()
	defer server.Close()
	reply, err := http.Post(server.URL+control.Base+"/wait", "application/json", strings.NewReader(`{"timeout":"100ms"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if body, err := io.ReadAll(reply.Body); err != nil || reply.StatusCode != http.StatusRequestTimeout {
		t.Errorf("got %d %s %v, want 408", reply.StatusCode, body, err)
	}
}

// A wait ends as soon as it cannot be met any more, and goes on while it can.
func TestWaitThatCannotBeMet(t *testing.T) {
	open := journal.Run{Run: "r-open", Provider: "acme", State: json.RawMessage(`{}`)}
	closed := journal.Run{Run: "r-1", Provider: "acme", State: json.RawMessage(`{}`)}
	for name, c := range map[string]struct {
		account, body string
		before, after []journal.Data
		want          int
		says          string
	}{
		"the delivery ended":            {"a", `{"delivery":"d-1"}`, []journal.Data{planned("d-1", "AUTH")}, []journal.Data{ended("d-1", "AUTH", "dropped")}, 409, "AUTH of run r-d-1 ended as dropped"},
		"it ended before the cursor":    {"a", `{"delivery":"d-1","after":2}`, []journal.Data{planned("d-1", "AUTH"), ended("d-1", "AUTH", "exhausted")}, nil, 409, "ended as exhausted"},
		"another delivery ended":        {"a", `{"delivery":"d-1"}`, []journal.Data{planned("d-1", "AUTH")}, []journal.Data{ended("d-2", "AUTH", "dropped")}, 408, "0 of 1"},
		"the run has more":              {"a", `{"run":"r-open"}`, []journal.Data{open}, nil, 408, "0 of 1"},
		"the run ended":                 {"a", `{"run":"r-1","event":"AUTH"}`, nil, []journal.Data{closed}, 409, "nothing of run r-1 is left to come"},
		"the run has an open delivery":  {"a", `{"run":"r-d-1"}`, []journal.Data{planned("d-1", "AUTH")}, nil, 408, "0 of 1"},
		"the run's delivery ended":      {"a", `{"run":"r-d-1"}`, []journal.Data{planned("d-1", "AUTH")}, []journal.Data{ended("d-1", "AUTH", "exhausted")}, 409, "AUTH of run r-d-1 ended as exhausted"},
		"an unknown run":                {"a", `{"run":"r-9"}`, []journal.Data{closed}, nil, 408, "0 of 1"},
		"no endpoint takes the event":   {"nowhere", `{"event":"AUTH"}`, nil, []journal.Data{ended("d-1", "AUTH", "unroutable")}, 409, "AUTH of run r-d-1 reached no endpoint, and account"},
		"an endpoint takes the next":    {"a", `{"event":"AUTH"}`, nil, []journal.Data{ended("d-1", "AUTH", "unroutable")}, 408, "AUTH of run r-d-1 reached no endpoint: register"},
		"an earlier one does not count": {"nowhere", `{"event":"AUTH","after":1}`, []journal.Data{ended("d-1", "AUTH", "unroutable")}, nil, 408, "0 of 1"},
		"a reset":                       {"a", `{"run":"r-open"}`, []journal.Data{open}, []journal.Data{journal.Reset{Account: "a"}}, 409, `account "a" was reset`},
		"a reset long ago":              {"a", `{"run":"r-open"}`, []journal.Data{journal.Reset{Account: "a"}, open}, nil, 408, "0 of 1"},
		"a reset of no matter":          {"a", `{"event":"AUTH"}`, nil, []journal.Data{journal.Reset{Account: "a"}}, 408, "0 of 1"},
		"a reset of another account":    {"", `{"run":"r-open"}`, []journal.Data{open}, []journal.Data{journal.Reset{Account: "b"}}, 408, "0 of 1"},
		"a deletion":                    {"a", `{"event":"AUTH"}`, nil, []journal.Data{journal.Reset{Account: "a", Dropped: true}}, 409, `account "a" was deleted`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBackend(store.Retention{})
				h := b.handler(httpapi.Options{})
				entries := func(data []journal.Data) {
					for _, d := range data {
						account := cmp.Or(c.account, "a")
						if reset, ok := d.(journal.Reset); ok {
							account = reset.Account
						}
						b.add(t, account, d)
					}
				}
				entries(c.before)
				began := time.Now()
				done := make(chan waited)
				path := "POST /wait"
				if c.account != "" {
					path += "?account=" + c.account
				}
				go func() { done <- wait(t, h, path, c.body) }()
				synctest.Wait()
				entries(c.after)
				got := <-done
				if got.Status != c.want || !strings.Contains(got.Detail, c.says) {
					t.Errorf("got %+v, want %d and %q", got, c.want, c.says)
				}
				if took := time.Since(began); (took == 0) != (c.want == 409) {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}
