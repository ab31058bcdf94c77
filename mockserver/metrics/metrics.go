// Package metrics counts what the journal tells, for Prometheus.
//
// Everything is counted from the journal and from what the store says of itself; nothing on the way of a call knows that
// it is counted. The journal is read when somebody asks, from where the last one left off, so a server that nobody
// scrapes pays nothing. Entries that retention drops between two scrapes are not counted, and their number is.
//
// The text is the exposition format of Prometheus, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats),
// written by hand: the client library weighs more than the rest of the control API.
package metrics

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// ContentType of what [Metrics.Append] makes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Journal is what is counted. A [store.Store] is one.
type Journal interface {
	Read(ctx context.Context, account string, after uint64, max int) ([]store.Entry, error)
	Stats(ctx context.Context) (store.Stats, error)
}

// Metrics are the counts so far. It is safe for concurrent use.
type Metrics struct {
	journal Journal
	version string

	mu       sync.Mutex
	cursor   uint64
	families []*family
	calls, callTime, attempts, attemptTime, deliveries,
	expectations, ruleErrors, missed *family
}

// New returns the metrics of a journal, from its beginning. version is that of the server.
func New(j Journal, version string) *Metrics {
	m := &Metrics{journal: j, version: version}
	add := func(name, kind, help string, labels ...string) *family {
		f := &family{name: "idmock_" + name, kind: kind, help: help, labels: labels, series: map[string]*series{}}
		m.families = append(m.families, f)
		return f
	}
	m.calls = add("calls_total", counter, "Calls to providers, by the status of their answer; 0 is one that was never answered.", "provider", "operation", "status")
	m.callTime = add("call_duration_seconds", histogram, "Time from a call's arrival to its answer, without what a scenario holds it back.", "provider")
	m.attempts = add("attempts_total", counter, "Attempts to deliver a webhook, by how they ended.", "provider", "event", "class")
	m.attemptTime = add("attempt_duration_seconds", histogram, "Time that attempts took.", "provider")
	m.deliveries = add("deliveries_total", counter, "Webhooks that came to an end, by that.", "provider", "event", "outcome")
	m.expectations = add("expectations_total", counter, "What scenarios expected of the application.", "met")
	m.ruleErrors = add("rule_errors_total", counter, "Rules that could not be carried out.")
	m.missed = add("journal_missed_total", counter, "Entries of the journal that were dropped before they could be counted here.")
	m.ruleErrors.of()
	m.missed.of()
	return m
}

// batch is how many entries are read at once.
const batch = 1024

// Append counts what is new and appends all of it.
func (m *Metrics) Append(ctx context.Context, dst []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		entries, err := m.journal.Read(ctx, "", m.cursor, batch)
		if err != nil {
			return nil, fmt.Errorf("read journal: %w", err)
		}
		for _, e := range entries {
			if err := m.count(e); err != nil {
				return nil, err
			}
			m.cursor = e.Seq
		}
		if len(entries) < batch {
			break
		}
	}
	stats, err := m.journal.Stats(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range m.families {
		dst = f.append(dst)
	}
	dst = single(dst, "build_info", gauge, "The server's version.", `{version=`+strconv.Quote(m.version)+`}`, 1)
	dst = single(dst, "journal_entries", gauge, "Entries that the journal holds.", "", float64(stats.Entries))
	dst = single(dst, "journal_bytes", gauge, "Memory that they take.", "", float64(stats.EntryBytes))
	dst = single(dst, "journal_written_total", counter, "Entries that were written.", "", float64(stats.Head))
	dst = single(dst, "journal_evicted_total", counter, "Entries that retention has dropped.", "", float64(stats.Evicted))
	dst = single(dst, "jobs", gauge, "Steps of timelines and attempts that are still to come.", "", float64(stats.Jobs))
	dst = single(dst, "documents", gauge, "Runs, deliveries and settings that are held.", "", float64(stats.Docs))
	return dst, nil
}

func (m *Metrics) count(e store.Entry) error {
	switch e.Kind {
	case journal.KindCall, journal.KindAttempt, journal.KindDelivery, journal.KindExpect, journal.KindRuleError, journal.KindGap:
	default:
		return nil
	}
	data, err := journal.Decode(e)
	if err != nil {
		return err
	}
	switch d := data.(type) {
	case journal.Call:
		m.calls.of(d.Provider, d.Operation, strconv.Itoa(d.Status)).n++
		m.callTime.of(d.Provider).observe(time.Duration(d.Duration))
	case journal.Attempt:
		m.attempts.of(d.Provider, d.Event, d.Class).n++
		m.attemptTime.of(d.Provider).observe(time.Duration(d.Phases.Total))
	case journal.Delivery:
		m.deliveries.of(d.Provider, d.Event, d.Outcome).n++
	case journal.Expect:
		m.expectations.of(strconv.FormatBool(d.Pass)).n++
	case journal.RuleError:
		m.ruleErrors.of().n++
	case journal.Gap:
		m.missed.of().n += float64(d.Missed)
	}
	return nil
}

// bounds of the histograms' buckets, in seconds.
var bounds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, math.Inf(1)}
