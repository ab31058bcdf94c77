package bounds

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestMeasureJSON(t *testing.T) {
	for text, want := range map[string][2]int{
		``: {0, 0}, `1`: {0, 0}, `"[,{"`: {0, 0}, `[]`: {1, 1}, `[[],[[]]]`: {5, 3}, `{"a":"\",[","b":[1,2]}`: {4, 2},
		`"\\",[`: {2, 1}, `{"a`: {1, 1}, `["\`: {1, 1}, `]]]]`: {0, 0},
	} {
		if elements, depth := MeasureJSON([]byte(text)); elements != want[0] || depth != want[1] {
			t.Errorf("%s: %d elements, depth %d, want %v", text, elements, depth, want)
		}
	}
}

// A body is read whole whatever size was announced, and an announcement alone costs nothing.
func TestReadAll(t *testing.T) {
	text := strings.Repeat("0123456789", 10_000)
	for _, size := range []int64{-1, 0, 1, int64(len(text)), 1 << 40} {
		got, err := ReadAll(iotest.HalfReader(strings.NewReader(text)), size, 1<<20)
		if err != nil || string(got) != text || cap(got) > 2<<20 {
			t.Errorf("announced as %d: %d bytes in %d, %v", size, len(got), cap(got), err)
		}
		if got, err := ReadAll(strings.NewReader("x"), size, 1<<20); err != nil || string(got) != "x" || cap(got) > 16<<10 {
			t.Errorf("one byte announced as %d: %d bytes in %d, %v", size, len(got), cap(got), err)
		}
	}
	// A body that waits for its turn after its first bytes has no room for the rest yet.
	small := io.MultiReader(strings.NewReader(text[:Small]), iotest.ErrReader(errors.ErrUnsupported))
	if got, err := ReadAll(small, 1<<40, 1<<24); !errors.Is(err, errors.ErrUnsupported) || len(got) != Small || cap(got) > 2*Small {
		t.Errorf("the beginning of a large body: %d bytes in %d, %v", len(got), cap(got), err)
	}
	broken := io.MultiReader(strings.NewReader(text), iotest.ErrReader(errors.ErrUnsupported))
	if got, err := ReadAll(broken, -1, 1<<20); !errors.Is(err, errors.ErrUnsupported) || len(got) != len(text) {
		t.Errorf("a broken body: %d bytes, %v", len(got), err)
	}
}
