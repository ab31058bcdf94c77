package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
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
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("invalid text: %v\n%s", err, text)
	}
	return families
}

// value finds the series with these labels, each as "name=value", sorted by name.
func value(t *testing.T, f *dto.MetricFamily, labels ...string) *dto.Metric {
	t.Helper()
	for _, m := range f.GetMetric() {
		var have []string
		for _, l := range m.GetLabel() {
			have = append(have, l.GetName()+"="+l.GetValue())
		}
		if slices.Equal(have, labels) {
			return m
		}
	}
	t.Fatalf("%s has no series %q: %v", f.GetName(), labels, f)
	return nil
}

// A scrape reports the requests and attempts made, and continues from the scrape before it.
func TestMetricsOfAServer(t *testing.T) {
	t.Parallel()
	const name, provider, event = "identitypass", "provider=identitypass", "event=verification.completed"
	s := mockservertest.Start(t, mockserver.Config{Frozen: true, Version: "v1.2.3"})
	receiver := mockservertest.NewReceiver(t)
	receiver.Answer(mockservertest.Response{Status: 503}, mockservertest.Response{})
	a := s.Account("counted")
	a.Webhook(name, receiver.URL)
	for range 3 {
		a.Call(name, "verifyBVN", map[string]string{"number": "22222222222"})
	}
	a.Call(name, "verifyBVN", `{`)
	a.Advance(time.Minute)
	scrape := func() map[string]*dto.MetricFamily {
		t.Helper()
		got := s.DefaultAccount().Control("GET", "/metrics", nil)
		if got.Status != 200 || got.Header.Get("Content-Type") != metrics.ContentType {
			t.Fatalf("%d %s: %s", got.Status, got.Header.Get("Content-Type"), got.Body)
		}
		return parse(t, got.Body)
	}
	families := scrape()
	counts := func(name string, want float64, labels ...string) {
		t.Helper()
		if got := value(t, families[name], labels...).GetCounter().GetValue(); got != want {
			t.Errorf("%s %q is %v, want %v", name, labels, got, want)
		}
	}
	counts("idmock_calls_total", 3, "operation=verifyBVN", provider, "status=200")
	counts("idmock_calls_total", 1, "operation=verifyBVN", provider, "status=400")
	counts("idmock_attempts_total", 1, "class=status", event, provider)
	counts("idmock_attempts_total", 3, "class=ok", event, provider)
	counts("idmock_deliveries_total", 3, event, "outcome=delivered", provider)
	counts("idmock_journal_missed_total", 0)
	h := value(t, families["idmock_attempt_duration_seconds"], provider).GetHistogram()
	if last := h.GetBucket()[len(h.GetBucket())-1]; h.GetSampleCount() != 4 || last.GetCumulativeCount() != 4 || h.GetSampleSum() <= 0 {
		t.Errorf("attempt durations: %v", h)
	}
	if got := value(t, families["idmock_build_info"], "version=v1.2.3").GetGauge().GetValue(); got != 1 {
		t.Errorf("build_info is %v", got)
	}

	s.DefaultAccount().Reset() // empties the journal; counters keep their values
	a.Call(name, "verifyBVN", map[string]string{"number": "22222222222"})
	families = scrape()
	counts("idmock_calls_total", 4, "operation=verifyBVN", provider, "status=200")
	if got := value(t, families["idmock_jobs"]).GetGauge().GetValue(); got != 1 {
		t.Errorf("%v jobs, want the timer of the last request", got)
	}
}

// Evicted entries are counted as missed, and names with special characters are escaped.
func TestMissedEntries(t *testing.T) {
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
		families := parse(t, text)
		calls, missed := value(t, families["idmock_calls_total"], "operation="+odd, "provider="+odd, "status=200").GetCounter().GetValue(), value(t, families["idmock_journal_missed_total"]).GetCounter().GetValue()
		if calls != want.calls || missed != want.missed {
			t.Errorf("after %v more: %v calls and %v missed, want %v and %v", want.more, calls, missed, want.calls, want.missed)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := counts.Append(context.Background(), nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("closed store: %v", err)
	}
}

// database is a store with a database behind it.
type database struct{ *store.Memory }

func (database) Work() store.Work {
	return store.Work{Transactions: 3, Operations: 5, Busy: 1500 * time.Millisecond, Conflicts: 2, Takeovers: 1}
}

// The work with a database is reported where there is one.
func TestMetricsOfADatabase(t *testing.T) {
	memory := store.NewMemory(store.Retention{})
	text, err := metrics.New(database{memory}, "v1").Append(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	families := parse(t, text)
	for name, want := range map[string]float64{"transactions": 3, "operations": 5, "seconds": 1.5, "conflicts": 2, "failures": 0, "lease_takeovers": 1} {
		if got := value(t, families["idmock_store_"+name+"_total"]).GetCounter().GetValue(); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if text, err := metrics.New(memory, "v1").Append(t.Context(), nil); err != nil || bytes.Contains(text, []byte("idmock_store_")) {
		t.Errorf("without a database: %v\n%s", err, text)
	}
}
