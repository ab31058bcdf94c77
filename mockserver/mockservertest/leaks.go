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

// fence finds goroutines that were started under guard, directly or indirectly: they inherit its profiler label, also
// through net/http. Each fence has its own label, so that parallel tests do not find each other's goroutines.
type fence struct{ label string }

const fenceKey = "idmock-server"

func newFence() *fence { return &fence{label: rand.Text()} }

func (f *fence) guard(do func()) {
	pprof.Do(context.Background(), pprof.Labels(fenceKey, f.label), func(context.Context) { do() })
}

// check fails the test if goroutines remain. Some are still ending when Stop returns, such as the two of a connection
// that was just closed, so it waits up to [Patience].
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
			t.Errorf("goroutines remain after the server has stopped:\n%s", left)
			return
		}
	}
}

// left returns the stacks of the remaining goroutines.
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
