package mockservertest

import (
	"strings"
	"testing"
)

// A fence finds goroutines started under it, indirectly too, and no others.
func TestFence(t *testing.T) {
	t.Parallel()
	mine, others := newFence(), newFence()
	end := make(chan struct{})
	started := make(chan struct{})
	mine.guard(func() {
		go func() {
			go func() {
				close(started)
				<-end
			}()
		}()
	})
	<-started
	if left := mine.left(); !strings.Contains(left, "TestFence") {
		t.Errorf("a goroutine is there, and the fence finds %q", left)
	}
	if left := others.left(); left != "" {
		t.Errorf("a fence finds another's: %s", left)
	}
	close(end)
	mine.check(t)
}
