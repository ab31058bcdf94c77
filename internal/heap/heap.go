// Package heap sets when the garbage collector runs, for a server with a small heap: the runtime's own rule, to collect once
// the heap has doubled, collects a heap of 10 MB dozens of times a second under load.
//
// The environment variables GOGC and GOMEMLIMIT take precedence. Without the latter, the memory limit of the container is
// kept.
package heap

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
)

const (
	// room is how much is allocated between two collections of a small heap, in bytes.
	room = 28 << 20
	// growth is how much a larger heap grows between two collections, in percent.
	growth = 50
	// most is the limit for a tiny heap, in percent.
	most = 800
)

// Tune applies the policy to this process. Call it once.
func Tune() {
	if os.Getenv("GOMEMLIMIT") == "" {
		if limit, ok := containerLimit(os.ReadFile); ok {
			debug.SetMemoryLimit(limit / 10 * 9) // stacks and the runtime itself need some, too
		}
	}
	if os.Getenv("GOGC") == "" {
		watch()
	}
}

// watch adapts the collector after each collection, when the sentinel made before it is found unreachable.
func watch() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	now := 0
	var arm func()
	collected := func(*[64]byte) {
		metrics.Read(live)
		if next := percent(live[0].Value.Uint64()); next > now+now/8 || next < now-now/8 {
			now = next
			debug.SetGCPercent(now)
		}
		arm()
	}
	arm = func() { runtime.SetFinalizer(new([64]byte), collected) }
	arm()
}

// percent returns the value for GOGC at a size of the live heap.
func percent(live uint64) int {
	return max(growth, min(most, int(room*100/max(1, live))))
}

// containerLimit returns the limit that the control group sets.
func containerLimit(read func(string) ([]byte, error)) (limit int64, ok bool) {
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := read(file)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64) // "max" without a limit
		return limit, err == nil && limit > 0 && limit < math.MaxInt64/2
	}
	return 0, false
}
