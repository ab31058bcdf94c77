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

// The formats of the journal.
const (
	asJSON  = "json"
	asLines = "ndjson" // one JSON object a line
	asHAR   = "har"    // an HTTP archive of calls and attempts
)

var kinds = []string{journal.KindCall, journal.KindRun, journal.KindEvent, journal.KindAttempt, journal.KindDelivery, journal.KindExpect,
	journal.KindEndpoint, journal.KindArmed, journal.KindClock, journal.KindAccount, journal.KindReset, journal.KindGap, journal.KindRuleError, journal.KindFault, journal.KindHold, journal.KindSimulate, journal.KindScenarios, journal.KindCheckRun, journal.KindCheck}

// page says which part of the journal is wanted.
type page struct {
	account      string
	after, limit uint64   // limit 0: no limit
	kinds        []string // none: all
	format       string   // asJSON, asLines or asHAR
	redact       bool     // of an archive
	follow       bool     // lines: do not end
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
	if p.format, err = formatOf(r); err != nil {
		return p, err
	}
	if p.format == asJSON && p.limit == 0 {
		p.limit = defaultEntries
	}
	switch redact := r.URL.Query().Get("redact"); {
	case redact == "" || redact == "false":
	case redact != "true":
		return p, badRequest("redact is %q: give true or false", redact)
	case p.format != asHAR:
		return p, badRequest("redact goes with format=har: in other formats the journal is as it is")
	default:
		p.redact = true
	}
	switch follow := r.URL.Query().Get("follow"); {
	case follow == "" || follow == "false":
	case follow != "true":
		return p, badRequest("follow is %q: give true or false", follow)
	case p.format != asLines || p.limit != 0:
		return p, badRequest("follow goes with format=ndjson, and without limit")
	default:
		p.follow = true
	}
	if p.format == asHAR {
		err = p.archive()
	}
	return p, err
}

// archive leaves the kinds that an archive has.
func (p *page) archive() error {
	all := []string{journal.KindCall, journal.KindAttempt}
	if len(p.kinds) == 0 {
		p.kinds = all
	}
	for _, kind := range p.kinds {
		if !slices.Contains(all, kind) {
			return badRequest("an archive holds no entries of kind %q: there are %s", kind, strings.Join(all, " and "))
		}
	}
	return nil
}

// formatOf reads the format that a reader wants.
func formatOf(r *http.Request) (string, error) {
	switch format := r.URL.Query().Get("format"); format {
	case asJSON, asLines, asHAR:
		return format, nil
	case "":
	default:
		return "", badRequest("format is %q: there are %s, %s and %s", format, asJSON, asLines, asHAR)
	}
	for _, accepted := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if kind, _, err := mime.ParseMediaType(accepted); err == nil && kind == lines {
			return asLines, nil
		}
	}
	return asJSON, nil
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
