package receiver

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets more tests run side by side than there are processors: they wait for each other's effects far more than
// they work.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
