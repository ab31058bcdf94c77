package play

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/idmock/idmock/internal/plural"
)

// barWidth is the width of the bar, in characters.
const barWidth = 30

// Progress prints the log while scenarios play, and adds it to the report. With a bar, several scenarios print only the
// logs of those that failed.
type Progress struct {
	out         io.Writer
	bar, color  bool
	total, done int
	current     *Scenario
	log         bytes.Buffer // of the current scenario, withheld because of the bar
	partial     []byte       // an unfinished line
}

// NewProgress returns the progress of a report. terminal allows a bar, color allows colors in it.
func NewProgress(out io.Writer, r *Report, terminal, color bool) *Progress {
	p := &Progress{out: out, total: r.total()}
	p.bar = terminal && p.total > 1
	p.color = p.bar && color
	return p
}

func (p *Progress) begin(s *Scenario) {
	p.current = s
	p.log.Reset()
	p.draw()
}

// Write adds text to the current scenario's log.
func (p *Progress) Write(b []byte) (int, error) {
	p.partial = append(p.partial, b...)
	for {
		line, rest, complete := bytes.Cut(p.partial, []byte("\n"))
		if !complete {
			break
		}
		p.current.Log = append(p.current.Log, string(line))
		p.partial = bytes.Clone(rest)
	}
	if p.bar {
		return p.log.Write(b)
	}
	return p.out.Write(b)
}

// end prints the verdict, if there are several scenarios. The verdict on a single one is the program's last line.
func (p *Progress) end(s *Scenario) {
	p.done++
	if p.total < 2 {
		return
	}
	if p.bar {
		fmt.Fprint(p.out, "\r\x1b[K")
		if s.Verdict == Failed || s.Verdict == Errored {
			_, _ = p.log.WriteTo(p.out) // an error would mean that the terminal is gone
		}
	}
	fmt.Fprintf(p.out, "%s  %s", p.paint(s.Verdict), s.title())
	if s.Verdict != Passed {
		fmt.Fprintf(p.out, ": %s", s.Reason)
	}
	fmt.Fprintln(p.out)
	if s.Verdict == Failed {
		fmt.Fprintf(p.out, "repeat: %s\n", s.Repeat)
	}
	if p.done < p.total {
		p.draw()
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

func (p *Progress) draw() {
	if !p.bar {
		return
	}
	full := barWidth * p.done / p.total
	fmt.Fprintf(p.out, "\r\x1b[K[%s%s] %d/%d %s", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), p.done, p.total, p.current.title())
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
