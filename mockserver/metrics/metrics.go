// Package metrics counts journal entries for Prometheus.
//
// A scrape reads the journal from where the previous scrape stopped, so requests pay nothing for being counted, and a
// server that is never scraped does no work. Entries evicted between two scrapes are lost to these counts; their number
// is a metric itself.
//
// Serving the text over HTTP belongs to the control API, and measuring the process to the Go runtime's own tools.
package metrics

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// ContentType is the media type of the text that [Metrics.Append] writes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Journal is the source of all counts. A [store.Store] implements it.
type Journal interface {
	Read(ctx context.Context, account string, after uint64, max int) ([]store.Entry, error)
	Stats(ctx context.Context) (store.Stats, error)
}

// Metrics holds the counts up to the latest scrape. It is safe for concurrent use.
type Metrics struct {
	journal  Journal
	registry *prometheus.Registry

	mu     sync.Mutex // held for a whole scrape
	cursor uint64     // Seq of the last entry counted
	stats  *statsCollector

	calls, attempts, deliveries, expectations *prometheus.CounterVec
	callTime, attemptTime                     *prometheus.HistogramVec
	limits                                    *prometheus.CounterVec
	ruleErrors, missed                        prometheus.Counter
}

// New returns the metrics of a journal, counted from its beginning. version is the server's.
func New(j Journal, version string) *Metrics {
	m := &Metrics{
		journal: j, registry: prometheus.NewPedanticRegistry(), stats: newStatsCollector(version),
		calls:        counter("calls_total", "Requests to providers by response status; 0 if no response was sent.", "provider", "operation", "status"),
		callTime:     histogram("call_duration_seconds", "Time from a request to its response, excluding delays set by a scenario.", "provider"),
		attempts:     counter("attempts_total", "Webhook attempts by result.", "provider", "event", "class"),
		attemptTime:  histogram("attempt_duration_seconds", "Duration of webhook attempts.", "provider"),
		deliveries:   counter("deliveries_total", "Finished webhook deliveries by outcome.", "provider", "event", "outcome"),
		expectations: counter("expectations_total", "Expectations of scenarios by result.", "met"),
		limits:       counter("limits_reached_total", "Times that something was left out because of a limit.", "limit"),
		ruleErrors:   prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "rule_errors_total", Help: "Scenario rules that failed to run."}),
		missed:       prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "journal_missed_total", Help: "Journal entries evicted before they were counted here."}),
	}
	m.registry.MustRegister(m.calls, m.callTime, m.attempts, m.attemptTime, m.deliveries, m.expectations, m.limits, m.ruleErrors, m.missed, m.stats)
	if source, ok := j.(interface{ Work() store.Work }); ok {
		m.registry.MustRegister(ofWork(source.Work)...)
	}
	return m
}

const namespace = "idmock"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help,
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, labels)
}

// Append counts new entries and appends all metrics to dst, in Prometheus's text format. Metrics without a sample are
// left out.
func (m *Metrics) Append(ctx context.Context, dst []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.catchUp(ctx); err != nil {
		return nil, err
	}
	stats, err := m.journal.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("read store statistics: %w", err)
	}
	m.stats.current = stats
	families, err := m.registry.Gather()
	if err != nil {
		return nil, fmt.Errorf("gather metrics: %w", err)
	}
	text := bytes.NewBuffer(dst)
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(text, f); err != nil {
			return nil, fmt.Errorf("write metric %s: %w", f.GetName(), err)
		}
	}
	return text.Bytes(), nil
}

// batchSize is the number of entries read at once.
const batchSize = 1024

// catchUp counts the entries after the cursor.
func (m *Metrics) catchUp(ctx context.Context) error {
	for {
		entries, err := m.journal.Read(ctx, "", m.cursor, batchSize)
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		for _, e := range entries {
			if err := m.count(e); err != nil {
				return err
			}
			m.cursor = e.Seq
		}
		if len(entries) < batchSize {
			return nil
		}
	}
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
		m.calls.WithLabelValues(d.Provider, d.Operation, strconv.Itoa(d.Status)).Inc()
		m.callTime.WithLabelValues(d.Provider).Observe(time.Duration(d.Duration).Seconds())
	case journal.Attempt:
		m.attempts.WithLabelValues(d.Provider, d.Event, d.Class).Inc()
		m.attemptTime.WithLabelValues(d.Provider).Observe(time.Duration(d.Phases.Total).Seconds())
	case journal.Delivery:
		m.deliveries.WithLabelValues(d.Provider, d.Event, d.Outcome).Inc()
	case journal.Expect:
		m.expectations.WithLabelValues(strconv.FormatBool(d.Pass)).Inc()
	case journal.RuleError:
		if d.Limit != "" {
			m.limits.WithLabelValues(d.Limit).Inc()
			return nil
		}
		m.ruleErrors.Inc()
	case journal.Gap:
		m.missed.Add(float64(d.Missed))
	}
	return nil
}
