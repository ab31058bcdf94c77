package receiver

import "testing"

// Levels of a check name schemes and handshakes that a profile has.
func TestLevels(t *testing.T) {
	known := map[string]bool{}
	for _, name := range Generic() {
		p, err := OpenGeneric(name)
		if err != nil {
			t.Fatal(err)
		}
		known[p.Webhooks().Signature(nil).Scheme], known[p.Conformance().Handshake.Kind] = true, true
	}
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		for name := range c.Levels {
			if !known[name] {
				t.Errorf("%s has a level for %q, which no profile has", c.ID, name)
			}
		}
	}
}

// The tables of checks are valid.
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
