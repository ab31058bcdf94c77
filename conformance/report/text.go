package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/idmock/idmock/conformance"
)

// Console writes a run to a terminal or a log: failures as they happen, then the report.
type Console struct {
	W     io.Writer
	Color bool // use colors
	Live  bool // W is a terminal: the progress line may be overwritten
	Total int  // the number of checks
	// Verbose explains every failure, even if a headline explains most of them.
	Verbose bool

	done     int
	progress bool // the progress line is visible
}

// explained is the number of failures that are explained if a headline explains most of them.
const explained = 2

var colors = map[conformance.Verdict]string{conformance.Fail: "31;1", conformance.Error: "35;1", conformance.Warn: "33",
	conformance.Inconclusive: "36", conformance.Waived: "34", conformance.Pass: "32"}

func (c *Console) paint(v conformance.Verdict, s string) string {
	if code := colors[v]; c.Color && code != "" {
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	return s
}

// problem reports whether a verdict is one that the console explains.
func problem(v conformance.Verdict) bool {
	return v == conformance.Fail || v == conformance.Warn || v == conformance.Error
}

// Result writes a line for a failure, a warning or an error, and updates the progress line.
func (c *Console) Result(r conformance.Result) {
	c.done++
	c.clear()
	if problem(r.Verdict) {
		fmt.Fprintf(c.W, "%s  %s: %s\n", c.paint(r.Verdict, fmt.Sprintf("%-5s", r.Verdict)), r.ID, firstLine(r.Reason))
	}
	if c.Live {
		fmt.Fprintf(c.W, "\r%d of %d checks", c.done, c.Total)
		c.progress = true
	}
}

// clear removes the progress line.
func (c *Console) clear() {
	if c.progress {
		fmt.Fprint(c.W, "\r\x1b[K")
		c.progress = false
	}
}

// firstLine returns the first line of a text, of at most 200 characters.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	if runes := []rune(line); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return line
}

// Finish writes the report: the failures, the missing evidence, the counts, the headline and the waivers.
func (c *Console) Finish(r *conformance.Report) {
	c.clear()
	fmt.Fprintln(c.W)
	c.failures(r)
	c.inconclusive(r)
	if len(r.Evidence) > 0 {
		fmt.Fprintf(c.W, "evidence: %s\n\n", strings.Join(r.Evidence, "; "))
	}
	c.table(r)
	if r.Headline != "" {
		fmt.Fprintf(c.W, "\nFix this first:\n%s\n%s\n", c.paint(conformance.Fail, r.Headline), r.Advice)
	}
	for _, w := range r.Stale {
		fmt.Fprintf(c.W, "\nThe waiver of %s (%s) is stale: its checks do not have the verdict %s. Remove it.\n", w.ID, w.Reason, w.Verdict)
	}
	for _, w := range r.Unused {
		fmt.Fprintf(c.W, "\nThe waiver of %s (%s) matches no check of this run.\n", w.ID, w.Reason)
	}
	if waivers := r.WaiverTemplate(); waivers != "" && r.Headline == "" {
		fmt.Fprintf(c.W, "\nTo accept these failures for now, add them to a --waivers file, each with a reason:\n%s", waivers)
	}
	fmt.Fprintf(c.W, "\n%s\n", r.Sentence())
}

// failures explains the failures, or the first of them if a headline explains most.
func (c *Console) failures(r *conformance.Report) {
	shown, hidden := 0, 0
	for _, result := range r.Results {
		if !problem(result.Verdict) {
			continue
		}
		if result.Follows != "" && !c.Verbose {
			hidden++
			continue
		}
		if r.Headline != "" && shown >= explained && !c.Verbose {
			hidden++
			continue
		}
		shown++
		c.explain(result)
	}
	if hidden > 0 {
		fmt.Fprintf(c.W, "%d more failed; --verbose explains them all.\n\n", hidden)
	}
}

// explain writes all that is needed to understand and repeat a failure.
func (c *Console) explain(r conformance.Result) {
	fmt.Fprintf(c.W, "%s  %s  %s\n", c.paint(r.Verdict, strings.ToUpper(string(r.Verdict))), r.ID, r.Level)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(c.W, "  %-9s %s\n", name, strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n            "))
		}
	}
	line("required", r.Title)
	line("why", r.Why)
	if e := r.Decisive(); e != nil {
		line("sent", e.Curl)
		line("note", e.Note)
	}
	line("got", r.Got)
	line("expected", r.Expected)
	if r.Verdict == conformance.Error {
		line("error", r.Reason)
	}
	line("likely", r.Cause)
	line("follows", r.Follows)
	line("source", r.Ref)
	line("repeat", r.Repeat)
	fmt.Fprintln(c.W)
}

// inconclusive writes each missing piece of evidence, with the checks that need it.
func (c *Console) inconclusive(r *conformance.Report) {
	var reasons []string
	checks := map[string][]string{}
	for _, result := range withVerdict(r, conformance.Inconclusive) {
		if checks[result.Reason] == nil {
			reasons = append(reasons, result.Reason)
		}
		checks[result.Reason] = append(checks[result.Reason], result.ID)
	}
	for _, reason := range reasons {
		ids := checks[reason]
		names := strings.Join(ids, ", ")
		if len(ids) > 4 {
			names = strings.Join(ids[:3], ", ") + fmt.Sprintf(" and %d more", len(ids)-3)
		}
		fmt.Fprintf(c.W, "%s  %s\n              %s\n", c.paint(conformance.Inconclusive, "inconclusive"), names, reason)
	}
	if len(reasons) > 0 {
		fmt.Fprintln(c.W)
	}
}

// table writes the counts of the verdicts of each group.
func (c *Console) table(r *conformance.Report) {
	used := usedVerdicts(r)
	fmt.Fprintf(c.W, "%-8s", "")
	for _, v := range used {
		fmt.Fprintf(c.W, " %*s", max(len(v), 5), v)
	}
	fmt.Fprintln(c.W)
	row := func(name string, count func(conformance.Verdict) int) {
		fmt.Fprintf(c.W, "%-8s", name)
		for _, v := range used {
			cell := fmt.Sprintf("%*s", max(len(v), 5), "·")
			if n := count(v); n > 0 {
				cell = c.paint(v, fmt.Sprintf("%*d", max(len(v), 5), n))
			}
			fmt.Fprint(c.W, " "+cell)
		}
		fmt.Fprintln(c.W)
	}
	for _, g := range r.Summary {
		row(g.Group, func(v conformance.Verdict) int { return g.Counts[v] })
	}
	row("total", r.Count)
}
