package main

import (
	"bytes"
	"os"
	"testing"
)

// Colors need a terminal, and NO_COLOR and TERM=dumb switch them off.
func TestColor(t *testing.T) {
	device, err := os.Open(os.DevNull) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	if terminal, color := isTerminal(device); !terminal || !color {
		t.Errorf("a terminal: %t, %t", terminal, color)
	}
	if terminal, color := isTerminal(&bytes.Buffer{}); terminal || color {
		t.Errorf("a pipe: %t, %t", terminal, color)
	}
	t.Setenv("NO_COLOR", "1")
	if terminal, color := isTerminal(device); !terminal || color {
		t.Errorf("NO_COLOR: %t, %t", terminal, color)
	}
	t.Setenv("TERM", "dumb")
	if terminal, color := isTerminal(device); terminal || color {
		t.Errorf("TERM=dumb: %t, %t", terminal, color)
	}
}
