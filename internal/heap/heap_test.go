package heap

import (
	"errors"
	"testing"
)

func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: most, 1 << 20: most, 14 << 20: 200, 28 << 20: 100, 64 << 20: growth, 1 << 30: growth} {
		if got := percent(live); got != want {
			t.Errorf("%d MB live: %d percent, want %d", live>>20, got, want)
		}
	}
}

func TestContainerLimit(t *testing.T) {
	const v1, v2 = "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64 // 0: none
	}{
		{"no container", nil, 0},
		{"no limit", map[string]string{v2: "max\n"}, 0},
		{"version 2", map[string]string{v2: "268435456\n", v1: "1"}, 256 << 20},
		{"version 1", map[string]string{v1: "134217728\n"}, 128 << 20},
		{"version 1 without a limit", map[string]string{v1: "9223372036854771712\n"}, 0},
		{"unreadable", map[string]string{v2: "?"}, 0},
	} {
		read := func(file string) ([]byte, error) {
			if text, ok := c.files[file]; ok {
				return []byte(text), nil
			}
			return nil, errors.New("not found")
		}
		if limit, ok := containerLimit(read); ok != (c.want > 0) || ok && limit != c.want {
			t.Errorf("%s: %d, %v, want %d", c.name, limit, ok, c.want)
		}
	}
}
