package play

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/idmock/idmock/internal/plural"
)

// barWidth is the width of the bar, in characters.
const barWidth = 30

// Progress prints the logs of scenarios and adds them to the report. With a bar, several scenarios print only the logs of
// those that failed. Scenarios that play side by side print their logs when they have ended. It is safe for concurrent use.
type Progress struct {
	out        io.Writer
	bar, color bool
	total      int
	parallel   bool

	mu   sync.Mutex
	done int
}

// NewProgress returns the progress of a report. terminal allows a bar, color allows colors in it.
func NewProgress(out io.Writer, r *Report, terminal, color bool) *Progress {
	p := &Progress{out: out, total: r.total()}
	p.bar = terminal && p.total > 1
	p.color = p.bar && color
	return p
}

// scenarioLog is the log of one scenario. It is used from one goroutine.
type scenarioLog struct {
	progress *Progress
	scenario *Scenario
	withheld bytes.Buffer // until the scenario has ended
	partial  []byte       // an unfinished line
}

func (p *Progress) begin(s *Scenario) *scenarioLog {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draw(s)
	return &scenarioLog{progress: p, scenario: s}
}

// Write adds text to the scenario's log.
func (l *scenarioLog) Write(b []byte) (int, error) {
	l.partial = append(l.partial, b...)
	for {
		line, rest, complete := bytes.Cut(l.partial, []byte("\n"))
		if !complete {
			break
		}
		l.scenario.Log = append(l.scenario.Log, string(line))
		l.partial = bytes.Clone(rest)
	}
	if l.progress.bar || l.progress.parallel {
		return l.withheld.Write(b)
	}
	return l.progress.out.Write(b)
}

// end prints the verdict, if there are several scenarios. The verdict on a single one is the program's last line.
func (p *Progress) end(l *scenarioLog) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	s := l.scenario
	if p.bar {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	if !p.bar || s.Verdict == Failed || s.Verdict == Errored {
		_, _ = l.withheld.WriteTo(p.out) // an error would mean that the terminal is gone
	}
	if p.total < 2 {
		return
	}
	fmt.Fprintf(p.out, "%s  %s", p.paint(s.Verdict), s.title())
	if s.Verdict != Passed {
		fmt.Fprintf(p.out, ": %s", s.Reason)
	}
	fmt.Fprintln(p.out)
	if s.Verdict == Failed {
		fmt.Fprintf(p.out, "repeat: %s\n", cmp.Or(s.printed, s.Repeat))
	}
	if p.done < p.total {
		p.draw(s)
	}
}

// Sum prints the summary of several scenarios. Call it after the report's Finish.
func (p *Progress) Sum(r *Report) {
	if p.total < 2 {
		return
	}
	parts := []string{fmt.Sprintf("%d passed", r.Summary.Passed), fmt.Sprintf("%d failed", r.Summary.Failed)}
	if n := r.Summary.Errors; n > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be tested", n))
	}
	if n := r.Summary.Skipped; n > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", n))
	}
	fmt.Fprintf(p.out, "%s: %s, seed %d\n", plural.Count(p.total, "scenario"), strings.Join(parts, ", "), r.Seed)
}

// draw draws the bar with the scenario that began or ended last. The caller holds p.mu.
func (p *Progress) draw(s *Scenario) {
	if !p.bar {
		return
	}
	full := barWidth * p.done / p.total
	fmt.Fprintf(p.out, "\r\x1b[K[%s%s] %d/%d %s", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), p.done, p.total, s.title())
}

var colors = map[string]int{Passed: 32, Failed: 31, Errored: 33, Skipped: 90}

// paint pads a verdict to the width of the longest, in color if enabled.
func (p *Progress) paint(verdict string) string {
	text := fmt.Sprintf("%-7s", verdict)
	if !p.color {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", colors[verdict], text)
}
