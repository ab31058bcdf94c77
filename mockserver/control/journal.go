package control

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Journal is what happened. A [store.Store] is one.
type Journal interface {
	// Read returns at most max entries after a Seq, of an account or, for "", of all. It does not wait.
	Read(ctx context.Context, account string, after uint64, max int) ([]store.Entry, error)
	// Follow is Read without end: what there is, then what comes, until ctx ends.
	Follow(ctx context.Context, account string, after uint64) iter.Seq2[[]store.Entry, error]
	// Stats tells the first and last Seq held, and how many entries were dropped.
	Stats(ctx context.Context) (store.Stats, error)
}

var _ Journal = store.Store(nil)

// entries is entries in the form in which readers get them.
type entries []store.Entry

// MarshalJSON writes an array, as [journal.AppendEntry] writes each.
func (all entries) MarshalJSON() ([]byte, error) {
	dst := []byte{'['}
	for i, e := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = journal.AppendEntry(dst, e)
	}
	return append(dst, ']'), nil
}

func (a *api) journal(w http.ResponseWriter, r *http.Request) error {
	p, err := newPage(r)
	if err != nil {
		return err
	}
	stats, err := a.Journal.Stats(r.Context())
	if err != nil {
		return err
	}
	switch p.format {
	case asLines:
		if p.follow {
			return a.followLines(w, r, p)
		}
		return a.journalLines(w, r, p, stats.Head)
	case asHAR:
		return a.journalArchive(w, r, p, stats.Head)
	}
	answer := struct {
		Entries entries `json:"entries"`
		Cursor  uint64  `json:"cursor"` // to read on from
		Head    uint64  `json:"head"`
		Oldest  uint64  `json:"oldest"`
		Evicted uint64  `json:"evicted"`
	}{Cursor: max(p.after, stats.Head), Head: stats.Head, Oldest: stats.Oldest, Evicted: stats.Evicted}
	for e, err := range a.read(r.Context(), p, stats.Head) {
		if err != nil {
			return err
		}
		answer.Entries = append(answer.Entries, e)
	}
	if uint64(len(answer.Entries)) == p.limit {
		answer.Cursor = answer.Entries[p.limit-1].Seq
	}
	return send(w, http.StatusOK, answer)
}

// journalLines sends an entry a line, as it reads them. What fails on the way cuts the connection, so that half a
// journal does not look like a whole one.
func (a *api) journalLines(w http.ResponseWriter, r *http.Request, p page, head uint64) error {
	patient(w)
	out := bufio.NewWriterSize(w, 64<<10)
	var line []byte
	begun := false
	for e, err := range a.read(r.Context(), p, head) {
		if err != nil && begun {
			a.log.ErrorContext(r.Context(), "journal cut short", "err", err)
			panic(http.ErrAbortHandler) // net/http's way to say it
		}
		if err != nil {
			return err
		}
		if !begun {
			w.Header().Set("Content-Type", lines)
			begun = true
		}
		line = append(journal.AppendEntry(line[:0], e), '\n')
		if _, err := out.Write(line); err != nil {
			return nil // the reader is gone
		}
	}
	if !begun {
		w.Header().Set("Content-Type", lines)
	}
	_ = out.Flush()
	return nil
}

// followLines sends an entry a line, those that there are and then those that come, until the reader leaves or the server
// stops.
func (a *api) followLines(w http.ResponseWriter, r *http.Request, p page) error {
	patient(w)
	w.Header().Set("Content-Type", lines)
	flush := http.NewResponseController(w).Flush
	if err := flush(); err != nil { // so that the reader knows that it is being told
		return fmt.Errorf("follow the journal: %w", err)
	}
	var text []byte
	for batch, err := range a.Journal.Follow(r.Context(), p.account, p.after) {
		if err != nil {
			return nil //nolint:nilerr // the reader is gone, or the server stops: either way the lines end here
		}
		text = text[:0]
		for _, e := range batch {
			if len(p.kinds) == 0 || e.Kind == store.KindGap || slices.Contains(p.kinds, e.Kind) {
				text = append(journal.AppendEntry(text, e), '\n')
			}
		}
		if _, err := w.Write(text); err != nil {
			return nil //nolint:nilerr // as above
		}
		_ = flush()
	}
	return nil
}
