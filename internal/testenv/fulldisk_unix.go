//go:build unix

package testenv

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
)

const inFullDisk = "TEST_FULL_DISK"

// FullDisk runs the calling test again, in a process whose files cannot grow beyond a number of bytes, and there calls do: the write that
// passes the limit writes what has room and fails, as on a full disk. It needs no privileges. The test must do nothing else.
func FullDisk(t *testing.T, bytes uint64, do func()) {
	t.Helper()
	if os.Getenv(inFullDisk) == t.Name() {
		signal.Ignore(syscall.SIGXFSZ) // or it would end the process
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: bytes}); err != nil {
			t.Fatal(err)
		}
		do()
		return
	}
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	command.Env = append(os.Environ(), inFullDisk+"="+t.Name())
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
