package testenv_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
)

// recorder is a testing.TB that records how a test ended.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper() {}

func (r *recorder) Skip(args ...any) { r.end("skip", fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) { r.end("fail", fmt.Sprintf(format, args...)) }

func (r *recorder) end(how, why string) {
	r.ended = how + ": " + why
	runtime.Goexit()
}

// outcome returns how a test that calls f ends.
func outcome(t *testing.T, f func(testing.TB)) string {
	r := &recorder{TB: t, ended: "run"}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.ended
}

func TestNeed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := os.WriteFile(os.Getenv("PATH")+"/google-chrome", nil, 0o755); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"chromium": "run",
		"node":     "fail: node is not installed: run bash .ci/test, which installs it on Debian (package nodejs)",
		"curl":     "fail: curl is not installed: run bash .ci/test, which installs it on Debian (package curl)",
	}
	for program, want := range want {
		if testing.Short() {
			want = "skip: -short: needs " + program
		}
		if got := outcome(t, func(t testing.TB) { testenv.Need(t, program) }); got != want {
			t.Errorf("%s: %q, want %q", program, got, want)
		}
	}
}

func TestLong(t *testing.T) {
	want := "run"
	if testing.Short() {
		want = "skip"
	}
	if got := outcome(t, func(t testing.TB) { testenv.Long(t) }); !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
