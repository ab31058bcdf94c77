package mockserver_test

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// Every built-in scenario, played twice with one seed, start and frozen clock, leads to the same journal, except for
// wall time and ports.
func TestReplay(t *testing.T) {
	t.Parallel()
	all, err := begin(t).Control().Catalogue.Scenarios(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 6 {
		t.Fatalf("only %d scenarios ship", len(all))
	}
	for _, played := range all {
		t.Run(played.Provider+"/"+played.Name, func(t *testing.T) {
			t.Parallel()
			first, second := playThrough(t, played.Provider, played.Name), playThrough(t, played.Provider, played.Name)
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("the second journal differs:\n%s", diff)
			}
		})
	}
}

// playThrough plays a scenario several times over, to receivers of which one fails now and then, and returns the
// journal, one entry a line.
func playThrough(t *testing.T, of, scenario string) string {
	s := begin(t)
	a, flaky := with(t, s, "replayed")
	flaky.Answer(mockservertest.Response{Status: 503}, mockservertest.Response{Status: 200}, mockservertest.Response{Status: 500})
	for range 2 {
		a.Webhook(of, s.NewReceiver().URL)
	}
	for _, subject := range []string{"", "12345678901", "12345678902"} {
		got := a.Control("POST", "/play", map[string]string{"provider": of, "scenario": scenario, "subject": subject})
		if got.Status != 200 && subject != "" { // some subjects are images
			continue
		}
		if got.Status == 422 { // it has rules only for requests about runs that exist: nothing plays by itself
			return ""
		}
		if got.Status != 200 {
			t.Fatalf("play %s: %d %s", scenario, got.Status, got.Body)
		}
		a.Advance(250 * time.Millisecond)
		if of != provider { // the calls beside the scenario are those of one provider
			continue
		}
		a.Call(provider, status, map[string]string{"reference": got.At("reference")})
	}
	a.Advance(time.Minute)
	a.Call(provider, bvn, `{"number":1}`)
	a.Reset()
	a.Call(provider, bvn, number(found))
	a.Advance(time.Hour)

	var lines []byte
	entries, err := s.Control().Journal.Read(t.Context(), "", 0, 1<<20) // entries before the reset, too
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		lines = append(journal.AppendEntry(lines, entry), '\n')
	}
	if bytes.Count(lines, []byte("\n")) < 15 {
		t.Fatalf("hardly anything happened:\n%s", lines)
	}
	return normal(string(lines))
}

// differs are the differences between two plays of one scenario: wall time, durations and ports.
var differs = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`"(wall|sent_wall_time)":"[^"]*"`), `"$1":""`},
	{regexp.MustCompile(`"phases":\{[^}]*\}`), `"phases":{}`},
	{regexp.MustCompile(`"duration_ms":[0-9.]+`), `"duration_ms":0`},
	{regexp.MustCompile(`\["Date","[^"]*"\]`), `["Date",""]`},
	{regexp.MustCompile(`(127\.0\.0\.1|\[::1\]|host\.docker\.internal):[0-9]+`), `$1`},
	{regexp.MustCompile(`after [0-9.]+(ns|µs|ms|s)`), `after a while`},
}

func normal(lines string) string {
	for _, d := range differs {
		lines = d.what.ReplaceAllString(lines, d.with)
	}
	return lines
}
