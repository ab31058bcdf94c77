package control

import (
	"bufio"
	"context"
	"iter"
	"net/http"

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
