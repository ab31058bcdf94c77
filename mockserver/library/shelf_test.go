package library

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/scenarios"
)

// Replaced editions are bounded by their number and by their size. The newest stays, whatever its size.
func TestSecurityEditions(t *testing.T) {
	text := strings.Repeat("x", 1<<20)
	for name, test := range map[string]struct {
		size, want int
		shared     bool // by all editions
	}{
		"small":         {1 << 10, pastEditions, false},
		"large":         {1 << 20, pastBytes >> 20, false},
		"larger still":  {10 << 20, 1, false},
		"large, shared": {1 << 20, pastEditions, true},
	} {
		s := &shelf{shipped: []*scenarios.Scenario{{Name: scenarios.Default, Text: text}}}
		own := &scenarios.Scenario{Name: "own", Text: strings.Repeat("x", test.size)}
		for edition := range pastEditions + 10 {
			if !test.shared {
				own = &scenarios.Scenario{Name: "own", Text: own.Text}
			}
			l, err := scenarios.NewEdition(edition, append(s.shipped, own))
			if err != nil {
				t.Fatal(err)
			}
			s.retire(l)
		}
		if got := len(s.past); got != test.want || s.past[got-1].Edition != pastEditions+9 {
			t.Errorf("%s: %d editions are kept, the newest %d, want %d", name, got, s.past[got-1].Edition, test.want)
		}
	}
}
