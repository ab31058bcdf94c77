package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

type journalPage struct {
	Entries                       []wire
	Cursor, Head, Oldest, Evicted uint64
}

func readJournal(t *testing.T, h http.Handler, query string) journalPage {
	t.Helper()
	w := ask(t.Context(), h, "GET /journal"+query, "")
	if w.Code != 200 {
		t.Fatalf("%s: got %d %s", query, w.Code, w.Body)
	}
	var p journalPage
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return p
}

func TestJournalIsReadPageByPage(t *testing.T) {
	b := newBackend(store.Retention{})
	h := b.handler(httpapi.Options{})
	for range 700 { // several batches
		b.add(t, "a", planned("d-1", "ENROLL"), attempt("d-1", 200))
		b.add(t, "b", planned("d-2", "ENROLL"))
	}
	for _, query := range []string{"?account=a&kind=attempt&limit=300", "?account=a&kind=attempt&limit=350", "?kind=attempt"} {
		var got []uint64
		for after := ""; ; {
			p := readJournal(t, h, query+after)
			if len(p.Entries) == 0 {
				if p.Cursor != p.Head {
					t.Errorf("%s: the end is at %d, want the head %d", query, p.Cursor, p.Head)
				}
				break
			}
			for _, e := range p.Entries {
				if e.Kind != "attempt" || e.Account != "a" {
					t.Fatalf("%s: got %+v", query, e)
				}
			}
			got = append(got, seqs(p.Entries)...)
			cursor, err := json.Marshal(p.Cursor)
			if err != nil {
				t.Fatal(err)
			}
			after = "&after=" + string(cursor)
		}
		if len(got) != 700 || got[0] != 2 || got[699] != 2099 {
			t.Errorf("%s: got %d entries, want 700 from 2 to 2099", query, len(got))
		}
	}
	p := readJournal(t, h, "?limit=2&after=2")
	want := journalPage{Entries: []wire{{3, "b", "event"}, {4, "a", "event"}}, Cursor: 4, Head: 2100, Oldest: 1}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}

func TestJournalTellsOfAGapWhateverTheKind(t *testing.T) {
	b := newBackend(store.Retention{Entries: 2})
	for range 5 {
		b.add(t, "a", planned("d-1", "ENROLL"))
	}
	p := readJournal(t, b.handler(httpapi.Options{}), "?kind=call")
	want := journalPage{Entries: []wire{{3, "", "gap"}}, Cursor: 5, Head: 5, Oldest: 4, Evicted: 3}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}

func TestJournalAsLines(t *testing.T) {
	b := newBackend(store.Retention{})
	for range 1500 { // more than a page
		b.add(t, "a", planned("d-1", "ENROLL"))
	}
	h := b.handler(httpapi.Options{})
	for _, c := range []struct {
		query, accept string
		lines         int
	}{
		{"?format=ndjson", "", 1500},
		{"", "text/html, application/x-ndjson;q=0.9", 1500},
		{"?format=ndjson&limit=3", "", 3},
		{"?format=ndjson&account=unknown", "", 0},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "GET", control.Base+"/journal"+c.query, nil)
		r.Header.Set("Accept", c.accept)
		h.ServeHTTP(w, r)
		if w.Header().Get("Content-Type") != "application/x-ndjson" || strings.Count(w.Body.String(), "\n") != c.lines {
			t.Errorf("%+v: got %s with %d lines", c, w.Header().Get("Content-Type"), strings.Count(w.Body.String(), "\n"))
		}
		for line := range strings.Lines(w.Body.String()) {
			if e, err := journal.ParseEntry([]byte(line)); err != nil || e.Kind != "event" {
				t.Fatalf("%s: %+v, %v", line, e, err)
			}
		}
	}
	if w := ask(t.Context(), h, "GET /journal?format=json", ""); w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("format=json: got %s", w.Header().Get("Content-Type"))
	}
	for _, query := range []string{"?format=xml", "?kind=attempts", "?after=-1", "?after=x", "?limit=10001", "?limit=", "?kind=a,"} {
		if w := ask(t.Context(), h, "GET /journal"+query, ""); (w.Code != 400) != (query == "?limit=") {
			t.Errorf("%s: got %d %s", query, w.Code, w.Body)
		}
	}
}
