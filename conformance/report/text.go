package conformance

import (
	"fmt"
	"io"
	"strings"
)

// Console tells a run on a terminal, or in a log.
type Console struct {
	W     io.Writer
	Color bool // use colours
	Live  bool // W is a terminal: progress may be drawn over
	Total int  // how many checks there are
	// All tells the whole story of every failure, even where a headline explains most of them.
	All bool

	told  int
	drawn bool
}

var colors = map[Verdict]string{Fail: "31;1", Error: "35;1", Warn: "33", Inconclusive: "36", Waived: "34", Pass: "32"}

func (c *Console) paint(v Verdict, s string) string {
	if code := colors[v]; c.Color && code != "" {
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	return s
}

// Tell tells one result: in a line, if there is something to say.
func (c *Console) Tell(r Result) {
	c.told++
	c.clear()
	if r.Verdict == Fail || r.Verdict == Warn || r.Verdict == Error {
		fmt.Fprintf(c.W, "%s  %s: %s\n", c.paint(r.Verdict, fmt.Sprintf("%-5s", r.Verdict)), r.ID, short(r.Reason))
	}
	if c.Live {
		fmt.Fprintf(c.W, "\r%d of %d checks", c.told, c.Total)
		c.drawn = true
	}
}

func (c *Console) clear() {
	if c.drawn {
		fmt.Fprint(c.W, "\r\x1b[K")
		c.drawn = false
	}
}

func short(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	if runes := []rune(line); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return line
}

// few is how many stories are told where a headline explains most failures.
const few = 2

// End tells what it all came to.
func (c *Console) End(r *Report) {
	c.clear()
	fmt.Fprintln(c.W)
	told, left := 0, 0
	for _, result := range r.Results {
		if result.Verdict != Fail && result.Verdict != Warn && result.Verdict != Error {
			continue
		}
		if r.Headline != "" && told >= few && !c.All {
			left++
			continue
		}
		told++
		c.story(result)
	}
	if left > 0 {
		fmt.Fprintf(c.W, "%d more failed; --verbose tells of them all.\n\n", left)
	}
	c.missing(r)
	if len(r.Evidence) > 0 {
		fmt.Fprintf(c.W, "evidence: %s\n\n", strings.Join(r.Evidence, "; "))
	}
	c.table(r)
	if r.Headline != "" {
		fmt.Fprintf(c.W, "\n%s\n%s\n", c.paint(Fail, r.Headline), r.Advice)
	}
	for _, w := range r.Stale {
		fmt.Fprintf(c.W, "\nThe waiver of %s (%s) is stale: it does not come to %s any more. Take it out.\n", w.ID, w.Reason, w.Verdict)
	}
	for _, w := range r.Unused {
		fmt.Fprintf(c.W, "\nThe waiver of %s (%s) applies to nothing that was made.\n", w.ID, w.Reason)
	}
	if paste := r.Paste(); paste != "" && r.Headline == "" {
		fmt.Fprintf(c.W, "\nTo accept these for now, write into a file for --waivers, each with a reason:\n%s", paste)
	}
	fmt.Fprintf(c.W, "\n%s\n", r.Sentence())
}

// story tells a failure so that it can be understood and repeated.
func (c *Console) story(r Result) {
	fmt.Fprintf(c.W, "%s  %s  %s\n", c.paint(r.Verdict, strings.ToUpper(string(r.Verdict))), r.ID, r.Level)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(c.W, "  %-7s %s\n", name, strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n          "))
		}
	}
	line("", r.Title)
	line("why", r.Why)
	if e := r.Decisive(); e != nil {
		line("sent", e.Curl)
		line("note", e.Note)
	}
	line("got", r.Got)
	line("wanted", r.Wanted)
	if r.Verdict == Error {
		line("error", r.Reason)
	}
	line("likely", r.Cause)
	line("source", r.Ref)
	line("again", r.Repeat)
	fmt.Fprintln(c.W)
}

// Decisive is the exchange that shows what is wrong: the one whose reply was not as wanted, or the last.
func (r *Result) Decisive() *Exchange {
	for i := range r.Exchanges {
		if r.Exchanges[i].Wanted != "" {
			return &r.Exchanges[i]
		}
	}
	if n := len(r.Exchanges); n > 0 {
		return &r.Exchanges[n-1]
	}
	return nil
}

// missing says which evidence is missing, once for all checks that miss it.
func (c *Console) missing(r *Report) {
	var reasons []string
	checks := map[string][]string{}
	for _, result := range r.Results {
		if result.Verdict != Inconclusive {
			continue
		}
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
		fmt.Fprintf(c.W, "%s  %s\n              %s\n", c.paint(Inconclusive, "inconclusive"), names, reason)
	}
	if len(reasons) > 0 {
		fmt.Fprintln(c.W)
	}
}

// table counts the verdicts of each group.
func (c *Console) table(r *Report) {
	used := r.Used()
	fmt.Fprintf(c.W, "%-8s", "")
	for _, v := range used {
		fmt.Fprintf(c.W, " %*s", max(len(v), 5), v)
	}
	fmt.Fprintln(c.W)
	row := func(name string, count func(Verdict) int) {
		fmt.Fprintf(c.W, "%-8s", name)
		for _, v := range used {
			cell := fmt.Sprintf("%*d", max(len(v), 5), count(v))
			if count(v) == 0 {
				cell = fmt.Sprintf("%*s", max(len(v), 5), "·")
			} else {
				cell = c.paint(v, cell)
			}
			fmt.Fprint(c.W, " "+cell)
		}
		fmt.Fprintln(c.W)
	}
	for _, g := range r.Summary {
		row(g.Group, func(v Verdict) int { return g.Counts[v] })
	}
	row("all", r.Count)
}

// Sentence says what it came to.
func (r *Report) Sentence() string {
	judged := len(r.Results) - r.Count(NotApplicable) - r.Count(Skip)
	s := fmt.Sprintf("%d of %d checks passed in %.1f s, seed %d", r.Count(Pass), judged, r.Took.Seconds(), r.Seed)
	if judged == 0 {
		s = fmt.Sprintf("Nothing was checked, seed %d", r.Seed)
	}
	if !r.Complete {
		s += "; stopped before the end"
	}
	switch r.Code() {
	case 0:
		var but []string
		if n := r.Count(Warn); n > 0 {
			but = append(but, fmt.Sprintf("%d should be better", n))
		}
		if n := r.Count(Inconclusive); n > 0 {
			but = append(but, fmt.Sprintf("%d could not be judged", n))
		}
		if len(but) > 0 {
			return s + ". Nothing failed; " + strings.Join(but, ", ") + "."
		}
		return s + ". The " + r.Kind + " is right."
	case 1:
		return s + ". The " + r.Kind + " is wrong."
	}
	return s + ". The " + r.Kind + " could not be judged."
}
