package receiver

import (
	"flag"
	"os"
	"testing"
)

// whole reports whether the tests run the whole catalogue for every flaw, scheme and sample: FLAWS=all, as make flaws sets.
func whole() bool { return os.Getenv("FLAWS") == "all" }

// slowest are checks that wait long or send storms, and do not depend on the scheme or the language. A brief run performs
// them once.
var slowest = []string{"http/idle-reuse", "auth/replay-exact-late", "ack/backlog-storm", "idem/duplicate-later", "idem/duplicate-after-others"}

// TestMain lets more tests run side by side than there are processors: they wait for each other's effects far more than
// they work.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "10"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
