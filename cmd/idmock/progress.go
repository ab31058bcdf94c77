package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// barWidth is how long the bar is on a terminal, in characters.
const barWidth = 30

// progress shows how far a play has come: on a terminal a bar, and of several scenarios only those that failed in full;
// elsewhere every line as it comes.
type progress struct {
	out    io.Writer
	bar    bool // there is one
	color  bool
	total  int
	done   int
	now    *playedScenario
	kept   bytes.Buffer // what is told of it, where it may not be shown
	unread []byte       // the beginning of a line
}

func newProgress(out io.Writer, r *playReport) *progress {
	p := &progress{out: out}
	for _, s := range r.Suites {
		p.total += len(s.Scenarios)
	}
	p.bar = terminal(out) && os.Getenv("TERM") != "dumb" && p.total > 1
	p.color = p.bar && os.Getenv("NO_COLOR") == ""
	return p
}

// begin shows the next scenario.
func (p *progress) begin(played *playedScenario) {
	p.now = played
	p.kept.Reset()
	p.draw()
}

// Write takes what is told of the scenario. Whole lines are kept for the reports, too.
func (p *progress) Write(b []byte) (int, error) {
	p.unread = append(p.unread, b...)
	for {
		line, rest, whole := bytes.Cut(p.unread, []byte("\n"))
		if !whole {
			break
		}
		p.now.Told = append(p.now.Told, string(line))
		p.unread = append([]byte{}, rest...)
	}
	if p.bar {
		return p.kept.Write(b)
	}
	return p.out.Write(b)
}

// end shows what came of the scenario. Of a single one the program's last words say that.
func (p *progress) end(played *playedScenario, several bool) {
	p.done++
	if !several {
		return
	}
	if p.bar {
		fmt.Fprint(p.out, "\r\x1b[K")
		if played.Verdict == failed || played.Verdict == errored {
			p.kept.WriteTo(p.out) //nolint:errcheck // a terminal that is gone needs to be told nothing
		}
	}
	fmt.Fprintf(p.out, "%s  %s", p.painted(played.Verdict), played.title())
	if played.Verdict != passed {
		fmt.Fprintf(p.out, ": %s", played.Reason)
	}
	fmt.Fprintln(p.out)
	if played.Verdict == failed {
		fmt.Fprintf(p.out, "again: %s\n", played.Repeat)
	}
	if p.done < p.total {
		p.draw()
	}
}

// sum shows what all of them came to.
func (p *progress) sum(r *playReport) {
	if p.total < 2 {
		return
	}
	r.count()
	parts := []string{fmt.Sprintf("%d passed", r.Summary.Passed), fmt.Sprintf("%d failed", r.Summary.Failed)}
	if n := r.Summary.Errors; n > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be tested", n))
	}
	if n := r.Summary.Skipped; n > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", n))
	}
	fmt.Fprintf(p.out, "%s: %s, seed %d\n", count(p.total, "scenario"), strings.Join(parts, ", "), r.Seed)
}

func (p *progress) draw() {
	if !p.bar {
		return
	}
	full := barWidth * p.done / p.total
	fmt.Fprintf(p.out, "\r\x1b[K[%s%s] %d/%d %s", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), p.done, p.total, p.now.title())
}

// painted is a verdict as wide as the others, in color where that is wanted.
func (p *progress) painted(verdict string) string {
	text := fmt.Sprintf("%-7s", verdict)
	if !p.color {
		return text
	}
	code := map[string]int{passed: 32, failed: 31, errored: 33, skipped: 90}[verdict]
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", code, text)
}
