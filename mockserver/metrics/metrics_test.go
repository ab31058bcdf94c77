package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/metrics"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// parse reads the text as Prometheus does.
func parse(t *testing.T, text []byte) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	all, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("Prometheus cannot read it: %v\n%s", err, text)
	}
	return all
}

// value finds a series by its labels' values, in their order.
func value(t *testing.T, f *dto.MetricFamily, labels ...string) *dto.Metric {
	t.Helper()
	for _, m := range f.GetMetric() {
		var have []string
		for _, l := range m.GetLabel() {
			have = append(have, l.GetValue())
		}
		if strings.Join(have, "|") == strings.Join(labels, "|") {
			return m
		}
	}
	t.Fatalf("%s has no series %q: %v", f.GetName(), labels, f)
	return nil
}

// What a scrape tells is what happened, and each scrape goes on from the one before.
func TestMetricsOfAServer(t *testing.T) {
	t.Parallel()
	const provider = "identitypass"
	s := mockservertest.Start(t, mockserver.Config{Frozen: true, Version: "v1.2.3"})
	receiver := mockservertest.NewReceiver(t)
	receiver.Answer(mockservertest.Response{Status: 503}, mockservertest.Response{})
	a := s.Account("counted")
	a.Webhook(provider, receiver.URL)
	for range 3 {
		a.Call(provider, "verifyBVN", map[string]string{"number": "22222222222"})
	}
	a.Call(provider, "verifyBVN", `{`)
	a.Advance(time.Minute)
	scrape := func() map[string]*dto.MetricFamily {
		t.Helper()
		got := s.Everybody().Control("GET", "/metrics", nil)
		if got.Status != 200 || got.Header.Get("Content-Type") != metrics.ContentType {
			t.Fatalf("%d %s: %s", got.Status, got.Header.Get("Content-Type"), got.Body)
		}
		return parse(t, got.Body)
	}
	all := scrape()
	counts := func(name string, want float64, labels ...string) {
		t.Helper()
		if got := value(t, all[name], labels...).GetCounter().GetValue(); got != want {
			t.Errorf("%s %q is %v, want %v", name, labels, got, want)
		}
	}
	counts("idmock_calls_total", 3, provider, "verifyBVN", "200")
	counts("idmock_calls_total", 1, provider, "verifyBVN", "400")
	counts("idmock_attempts_total", 1, provider, "verification.completed", "status")
	counts("idmock_attempts_total", 3, provider, "verification.completed", "ok")
	counts("idmock_deliveries_total", 3, provider, "verification.completed", "delivered")
	counts("idmock_journal_missed_total", 0)
	h := value(t, all["idmock_attempt_duration_seconds"], provider).GetHistogram()
	if last := h.GetBucket()[len(h.GetBucket())-1]; h.GetSampleCount() != 4 || last.GetCumulativeCount() != 4 || h.GetSampleSum() <= 0 {
		t.Errorf("the attempts' durations are %v", h)
	}
	if got := value(t, all["idmock_build_info"], "v1.2.3").GetGauge().GetValue(); got != 1 {
		t.Errorf("build_info is %v", got)
	}

	s.Everybody().Reset() // the past is no longer shown, but it was
	a.Call(provider, "verifyBVN", map[string]string{"number": "22222222222"})
	all = scrape()
	counts("idmock_calls_total", 4, provider, "verifyBVN", "200")
	if got := value(t, all["idmock_jobs"]).GetGauge().GetValue(); got != 1 {
		t.Errorf("%v jobs, want the timer of the last call", got)
	}
}

// What was dropped before a scrape is said, and names cannot break the text.
func TestMetricsTellWhatTheyMissed(t *testing.T) {
	t.Parallel()
	m := store.NewMemory(store.Retention{Entries: 10})
	odd := "a\"b\\c\nd{}é"
	add := func(n int) {
		for range n {
			e := journal.New("a", time.Now(), time.Now(), journal.Call{Provider: odd, Operation: odd, Status: 200})
			if _, err := m.Commit(t.Context(), store.Change{Entries: []store.Entry{e}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	counts := metrics.New(m, odd)
	for _, want := range []struct{ more, calls, missed float64 }{{4, 4, 0}, {25, 14, 15}, {0, 14, 15}} {
		add(int(want.more))
		text, err := counts.Append(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		all := parse(t, text)
		calls, missed := value(t, all["idmock_calls_total"], odd, odd, "200").GetCounter().GetValue(), value(t, all["idmock_journal_missed_total"]).GetCounter().GetValue()
		if calls != want.calls || missed != want.missed {
			t.Errorf("after %v more: %v calls and %v missed, want %v and %v", want.more, calls, missed, want.calls, want.missed)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := counts.Append(context.Background(), nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("of a store that is closed: %v", err)
	}
}
