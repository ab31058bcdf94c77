package fault

import (
	"fmt"
	"testing"

	"github.com/idmock/idmock/scenarios"
)

// Each argument of a fault has a limit, and so does their product: what one event sends.
func TestSecurityCopies(t *testing.T) {
	for _, test := range []struct{ size, copies, sent int }{
		{0, 10_000, 10_001}, {1 << 10, 10_000, 10_001}, {1 << 20, 10_000, 1024}, {64 << 20, 10_000, 16}, {64 << 20, 3, 4},
	} {
		apply := []scenarios.Fault{{Name: "duplicate", Args: map[string]string{"copies": fmt.Sprint(test.copies)}}}
		if test.size > 0 {
			apply = append(apply, scenarios.Fault{Name: "oversize", Args: map[string]string{"size": fmt.Sprint(test.size)}})
		}
		var p Plan
		Planned(apply, &p)
		left := p.Bound(apply)
		if sent := 1 + len(p.Copies); sent != test.sent || sent+left != test.copies+1 || sent*test.size > 1<<30 {
			t.Errorf("%d copies of %d bytes: %d are sent and %d left out, want %d sent", test.copies, test.size, sent, left, test.sent)
		}
	}
}
