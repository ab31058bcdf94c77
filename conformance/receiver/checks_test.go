package receiver

import "testing"

// The tables say nothing that is not known.
func TestTables(t *testing.T) {
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	core := 0
	for _, c := range all {
		if c.Core {
			core++
		}
	}
	t.Logf("%d checks, %d of them core", len(all), core)
}
