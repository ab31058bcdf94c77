package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/idmock/idmock/mockserver/store"
)

// statsCollector exports the server's version and the statistics that the store keeps itself.
type statsCollector struct {
	current store.Stats
	version string
	build   *prometheus.Desc
	values  []storeValue
}

// storeValue is one metric taken from the store's statistics.
type storeValue struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	of   func(store.Stats) float64
}

func newStatsCollector(version string) *statsCollector {
	c := &statsCollector{
		version: strings.ToValidUTF8(version, "?"), // client_golang rejects other label values
		build:   prometheus.NewDesc(namespace+"_build_info", "Version of the server.", []string{"version"}, nil),
	}
	add := func(name, help string, kind prometheus.ValueType, of func(store.Stats) float64) {
		c.values = append(c.values, storeValue{prometheus.NewDesc(namespace+"_"+name, help, nil, nil), kind, of})
	}
	add("journal_entries", "Entries in the journal.", prometheus.GaugeValue, func(s store.Stats) float64 { return float64(s.Entries) })
	add("journal_bytes", "Size of the journal's entries.", prometheus.GaugeValue, func(s store.Stats) float64 { return float64(s.EntryBytes) })
	add("journal_written_total", "Entries written to the journal.", prometheus.CounterValue, func(s store.Stats) float64 { return float64(s.Head) })
	add("journal_evicted_total", "Entries evicted from the journal by retention.", prometheus.CounterValue, func(s store.Stats) float64 { return float64(s.Evicted) })
	add("documents_evicted_total", "Finished runs and deliveries evicted by retention.", prometheus.CounterValue, func(s store.Stats) float64 { return float64(s.DocsEvicted) })
	add("live_bytes", "Size of pending jobs and unfinished runs.", prometheus.GaugeValue, func(s store.Stats) float64 { return float64(s.LiveBytes) })
	add("jobs", "Pending timeline steps and webhook attempts.", prometheus.GaugeValue, func(s store.Stats) float64 { return float64(s.Jobs) })
	add("documents", "Runs, deliveries and settings in the store.", prometheus.GaugeValue, func(s store.Stats) float64 { return float64(s.Docs) })
	return c
}

// Describe implements [prometheus.Collector].
func (c *statsCollector) Describe(out chan<- *prometheus.Desc) {
	out <- c.build
	for _, v := range c.values {
		out <- v.desc
	}
}

// Collect implements [prometheus.Collector].
func (c *statsCollector) Collect(out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(c.build, prometheus.GaugeValue, 1, c.version)
	for _, v := range c.values {
		out <- prometheus.MustNewConstMetric(v.desc, v.kind, v.of(c.current))
	}
}

// ofWork returns the metrics of a store with a database.
func ofWork(read func() store.Work) []prometheus.Collector {
	counter := func(name, help string, of func(store.Work) float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: namespace, Subsystem: "store", Name: name, Help: help},
			func() float64 { return of(read()) })
	}
	return []prometheus.Collector{
		counter("transactions_total", "Transactions of this process.", func(w store.Work) float64 { return float64(w.Transactions) }),
		counter("operations_total", "Commits, claims, renewals and drops in them.", func(w store.Work) float64 { return float64(w.Operations) }),
		counter("seconds_total", "Time in transactions.", func(w store.Work) float64 { return w.Busy.Seconds() }),
		counter("conflicts_total", "Commits refused because a document had changed.", func(w store.Work) float64 { return float64(w.Conflicts) }),
		counter("failures_total", "Transactions that the database failed.", func(w store.Work) float64 { return float64(w.Failures) }),
		counter("reads_total", "Queries outside transactions.", func(w store.Work) float64 { return float64(w.Reads) }),
		counter("lease_takeovers_total", "Jobs claimed after another worker's lease had ended.", func(w store.Work) float64 { return float64(w.Takeovers) }),
	}
}
