package plural

import "testing"

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 webhooks", 1: "1 webhook", 2: "2 webhooks", 1000: "1000 webhooks"} {
		if got := Count(n, "webhook"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}
