package main

import (
	"strings"
	"syscall"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
)

// full is an output without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// A command whose output cannot be written does not end with success.
func TestSecurityOutputOnAFullDisk(t *testing.T) {
	testenv.Long(t)
	for _, args := range [][]string{{"version"}, {"completion", "bash"}, {"schema"}, {"man"}, {"scenarios"}, {"help", "faults"}} {
		var stderr strings.Builder
		if code := run(t.Context(), args, full{}, &stderr); code == exitPassed || !strings.Contains(stderr.String(), "no space left") {
			t.Errorf("idmock %s: exit code %d, %q", strings.Join(args, " "), code, stderr.String())
		}
	}
}
