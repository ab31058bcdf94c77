package receiver

import (
	"flag"
	"os"
	"slices"
	"testing"
)

// whole reports whether the tests run the whole catalogue for every flaw, scheme and sample: FLAWS=all, as make flaws sets.
func whole() bool { return os.Getenv("FLAWS") == "all" }

// slowest are checks that wait long or send storms, and do not depend on the scheme or the language. A brief run performs
// them once.
var slowest = []string{"http/idle-reuse", "auth/replay-exact-late", "ack/backlog-storm", "idem/duplicate-later", "idem/duplicate-after-others"}

// apportion selects the checks of a run with a correct receiver, the nth of several. A brief run performs the core and the
// given groups with each of them, and every other check with one in three.
func apportion(t *testing.T, target *Target, n int, groups ...string) {
	t.Helper()
	if whole() || n == 0 {
		return
	}
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	target.Skip = slices.Clone(slowest)
	for i, c := range all {
		if !c.Core && !slices.Contains(groups, c.Group()) && (i+n)%3 != 0 {
			target.Skip = append(target.Skip, c.ID)
		}
	}
}

// TestMain lets more tests run side by side than there are processors: they wait for each other's effects far more than
// they work.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "10"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
