package control

import (
	"context"
	"fmt"
	"iter"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

const (
	defaultEntries = 1000 // of a JSON answer; lines have no limit of their own
	maxEntries     = 10000
	batch          = 256 // entries to read at once
)

const lines = "application/x-ndjson"

var kinds = []string{journal.KindCall, journal.KindRun, journal.KindEvent, journal.KindAttempt, journal.KindDelivery, journal.KindExpect,
	journal.KindEndpoint, journal.KindArmed, journal.KindClock, journal.KindAccount, journal.KindReset, journal.KindGap, journal.KindRuleError, journal.KindSimulate}

// page says which part of the journal is wanted.
type page struct {
	account      string
	after, limit uint64   // limit 0: no limit
	kinds        []string // none: all
	lines        bool     // one JSON object a line
}

func newPage(r *http.Request) (p page, err error) {
	p.account = account(r)
	if p.after, err = number(r, "after", 0, 0, math.MaxUint64); err != nil {
		return p, err
	}
	if p.limit, err = number(r, "limit", 0, 1, maxEntries); err != nil {
		return p, err
	}
	if text := r.URL.Query().Get("kind"); text != "" {
		p.kinds = strings.Split(text, ",")
	}
	for _, kind := range p.kinds {
		if !slices.Contains(kinds, kind) {
			return p, badRequest("unknown kind %q: there are %s", kind, strings.Join(kinds, ", "))
		}
	}
	if p.lines, err = wantsLines(r); err == nil && !p.lines && p.limit == 0 {
		p.limit = defaultEntries
	}
	return p, err
}

// wantsLines reports whether the entries are to be sent as lines.
func wantsLines(r *http.Request) (bool, error) {
	switch format := r.URL.Query().Get("format"); format {
	case "json":
		return false, nil
	case "ndjson":
		return true, nil
	case "":
	default:
		return false, badRequest("format is %q: there are json and ndjson", format)
	}
	for _, accepted := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if kind, _, err := mime.ParseMediaType(accepted); err == nil && kind == lines {
			return true, nil
		}
	}
	return false, nil
}

// read yields the entries of a page, up to head: what comes meanwhile is for the next one. A gap is always of a page.
func (a *api) read(ctx context.Context, p page, head uint64) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		after, sent := p.after, uint64(0)
		for after < head {
			found, err := a.Journal.Read(ctx, p.account, after, batch)
			if err != nil {
				yield(store.Entry{}, fmt.Errorf("read journal after %s: %w", strconv.FormatUint(after, 10), err))
				return
			}
			for _, e := range found {
				if e.Seq > head {
					return
				}
				after = e.Seq
				if len(p.kinds) > 0 && e.Kind != store.KindGap && !slices.Contains(p.kinds, e.Kind) {
					continue
				}
				if !yield(e, nil) {
					return
				}
				if sent++; sent == p.limit {
					return
				}
			}
			if len(found) < batch {
				return
			}
		}
	}
}
