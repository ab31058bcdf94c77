// Package history serves the journal through the control API: pages, NDJSON, HTTP archives, and waiting for an outcome.
//
// It writes no entry and decides no outcome: it reads committed entries.
package history

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Handler serves a journal.
type Handler struct {
	Journal control.Journal
	// Deliveries, Catalogue and Prospects let a wait end at once that cannot be met.
	Deliveries control.Deliveries
	Catalogue  control.Catalogue
	Prospects  control.Prospects
	Version    string // of the server, for archives
	Log        *slog.Logger
}

// entries marshals in the format of [journal.AppendEntry].
type entries []store.Entry

// MarshalJSON returns a JSON array.
func (list entries) MarshalJSON() ([]byte, error) {
	dst := []byte{'['}
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = journal.AppendEntry(dst, e)
	}
	return append(dst, ']'), nil
}

// Read serves GET journal.
func (h Handler) Read(w http.ResponseWriter, r *http.Request) error {
	q, err := parseQuery(r)
	if err != nil {
		return err
	}
	stats, err := h.Journal.Stats(r.Context())
	if err != nil {
		return err
	}
	switch q.format {
	case formatLines:
		if q.follow {
			return h.follow(w, r, q)
		}
		return h.lines(w, r, q, stats.Head)
	case formatHAR:
		return h.archive(w, r, q, stats.Head)
	}
	return h.page(w, r, q, stats)
}

// page streams a JSON object, entry by entry: a page may be the whole journal, and its reader slow. Errors abort the connection
// as in lines.
func (h Handler) page(w http.ResponseWriter, r *http.Request, q query, stats store.Stats) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var text []byte
	sent, cursor := uint64(0), max(q.after, stats.Head) // value of after for the next page
	begin := func() {
		w.Header().Set("Content-Type", "application/json")
		_, _ = out.WriteString(`{"entries":[`) // the end notices a disconnected client
	}
	for e, err := range h.read(r.Context(), q, stats.Head) {
		switch {
		case err != nil && sent > 0:
			h.Log.ErrorContext(r.Context(), "journal page truncated", "err", err)
			panic(http.ErrAbortHandler)
		case err != nil:
			return err
		case sent == 0:
			begin()
		default:
			_ = out.WriteByte(',')
		}
		text = journal.AppendEntry(text[:0], e)
		if _, err := out.Write(text); err != nil {
			return nil //nolint:nilerr // client disconnected
		}
		if sent++; sent == q.limit {
			cursor = e.Seq
		}
	}
	if sent == 0 {
		begin()
	}
	fmt.Fprintf(out, `],"cursor":%d,"head":%d,"oldest":%d,"evicted":%d}`, cursor, stats.Head, stats.Oldest, stats.Evicted)
	_ = out.Flush()
	return nil
}

// batch is the number of entries to read at once. A stalled reader keeps them from being freed.
const batch = 64

// read yields the matching entries up to head; later ones are left for the next page. A gap always matches.
func (h Handler) read(ctx context.Context, q query, head uint64) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		after, sent := q.after, uint64(0)
		for after < head {
			found, err := h.Journal.Read(ctx, q.account, after, batch)
			if err != nil {
				yield(store.Entry{}, fmt.Errorf("read journal after %s: %w", strconv.FormatUint(after, 10), err))
				return
			}
			for _, e := range found {
				if e.Seq > head {
					return
				}
				after = e.Seq
				if !q.matches(e) {
					continue
				}
				if !yield(e, nil) {
					return
				}
				if sent++; sent == q.limit {
					return
				}
			}
			if len(found) < batch {
				return
			}
		}
	}
}

func (q query) matches(e store.Entry) bool {
	return len(q.kinds) == 0 || e.Kind == store.KindGap || slices.Contains(q.kinds, e.Kind)
}

// lines streams one entry per line. An error after the first entry aborts the connection, so that a client notices that the
// response is truncated.
func (h Handler) lines(w http.ResponseWriter, r *http.Request, q query, head uint64) error {
	wire.NoDeadline(w)
	out := bufio.NewWriterSize(w, 64<<10)
	var line []byte
	started := false
	for e, err := range h.read(r.Context(), q, head) {
		if err != nil && started {
			h.Log.ErrorContext(r.Context(), "journal response truncated", "err", err)
			panic(http.ErrAbortHandler) // net/http closes the connection
		}
		if err != nil {
			return err
		}
		if !started {
			w.Header().Set("Content-Type", mediaTypeLines)
			started = true
		}
		line = append(journal.AppendEntry(line[:0], e), '\n')
		if _, err := out.Write(line); err != nil {
			return nil // client disconnected
		}
	}
	if !started {
		w.Header().Set("Content-Type", mediaTypeLines)
	}
	_ = out.Flush()
	return nil
}

// follow streams existing and future entries, one per line, until the client disconnects or the server stops.
func (h Handler) follow(w http.ResponseWriter, r *http.Request, q query) error {
	wire.NoDeadline(w)
	w.Header().Set("Content-Type", mediaTypeLines)
	flush := http.NewResponseController(w).Flush
	if err := flush(); err != nil { // sends the header, so that the client knows that the stream has started
		return fmt.Errorf("follow the journal: %w", err)
	}
	var text []byte
	for found, err := range h.Journal.Follow(r.Context(), q.account, q.after) {
		if err != nil {
			return nil //nolint:nilerr // client disconnected, or server stopping: the stream ends here
		}
		text = text[:0]
		for _, e := range found {
			if q.matches(e) {
				text = append(journal.AppendEntry(text, e), '\n')
			}
		}
		if _, err := w.Write(text); err != nil {
			return nil //nolint:nilerr // client disconnected
		}
		_ = flush()
	}
	return nil
}
