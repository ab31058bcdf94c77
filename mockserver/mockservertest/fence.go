package mockservertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

// fence finds the goroutines that were started, directly or by way of others, under guard. Goroutines inherit the
// labels of the one that starts them, those of net/http too. Each fence has a label of its own, as tests in parallel
// must not find each other's goroutines.
type fence struct{ label string }

const fenceKey = "idmock-server"

func newFence() *fence { return &fence{label: rand.Text()} }

func (f *fence) guard(do func()) {
	pprof.Do(context.Background(), pprof.Labels(fenceKey, f.label), func(context.Context) { do() })
}

// check fails the test if goroutines are left. Some are on their way out when Stop returns, such as the two of a
// connection that was just closed, so they get a moment.
func (f *fence) check(t testing.TB) {
	t.Helper()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	late := time.NewTimer(Patience)
	defer late.Stop()
	for {
		left := f.left()
		if left == "" {
			return
		}
		select {
		case <-look.C:
		case <-late.C:
			t.Errorf("goroutines are left after the server has stopped:\n%s", left)
			return
		}
	}
}

// left returns the stacks of the goroutines that are still there.
func (f *fence) left() string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error()
	}
	var left []string
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, fmt.Sprintf("%q:%q", fenceKey, f.label)) {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}
