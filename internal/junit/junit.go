// Package junit writes test reports in the JUnit dialect that CI systems import (Jenkins, GitLab, GitHub actions,
// Azure): suites of cases, where a failure (the thing tested is wrong), an error (it could not be tested) and a skip
// are told apart. It knows nothing of what was tested.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Report is one file: the root element <testsuites>. Its counts and its time are summed up when it is written.
type Report struct {
	Name   string
	Suites []Suite
}

// Suite is a group of cases. Its counts and its time are summed up when it is written.
type Suite struct {
	Name       string
	Began      time.Time // left out when zero
	Properties []Property
	Cases      []Case
}

// Property is a fact about a suite, such as the seed it ran with.
type Property struct{ Name, Value string }

// Case is one test. At most one of Failure, Error and Skipped is set; none means that it passed.
type Case struct {
	Class   string // groups cases in most viewers; the suite's name when empty
	Name    string
	Took    time.Duration
	Failure *Problem // the thing tested is wrong
	Error   *Problem // it could not be tested
	Skipped *string  // why it was not tested; may point at ""
	Out     string   // told in system-out, whatever the verdict
}

// Problem says what went wrong.
type Problem struct {
	Kind    string // a short word for the kind, such as "fail" or "timeout"
	Message string // one line
	Text    string // as long as it needs to be
}

// Skip is a reason to set as a case's Skipped.
func Skip(reason string) *string { return &reason }

// Write writes the report as UTF-8 XML. Characters that XML cannot carry are replaced.
func Write(w io.Writer, r Report) error {
	root := suites{Name: clean(r.Name)}
	var total time.Duration
	for _, s := range r.Suites {
		written, took := s.element()
		root.Tests += written.Tests
		root.Failures += written.Failures
		root.Errors += written.Errors
		total += took
		root.Suites = append(root.Suites, written)
	}
	root.Time = seconds(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	return nil
}

func (s Suite) element() (suite, time.Duration) {
	out := suite{Name: clean(s.Name), Tests: len(s.Cases)}
	if !s.Began.IsZero() {
		out.Timestamp = s.Began.UTC().Format("2006-01-02T15:04:05")
	}
	if len(s.Properties) > 0 {
		out.Properties = &properties{}
	}
	for _, p := range s.Properties {
		out.Properties.All = append(out.Properties.All, property{clean(p.Name), clean(p.Value)})
	}
	var total time.Duration
	for _, c := range s.Cases {
		written := testcase{Class: clean(c.Class), Name: clean(c.Name), Time: seconds(c.Took), Out: text(c.Out)}
		if c.Class == "" {
			written.Class = out.Name
		}
		switch {
		case c.Failure != nil:
			out.Failures++
			written.Failure = c.Failure.element()
		case c.Error != nil:
			out.Errors++
			written.Error = c.Error.element()
		case c.Skipped != nil:
			out.Skipped++
			written.Skipped = &skipped{clean(*c.Skipped)}
		}
		total += c.Took
		out.Cases = append(out.Cases, written)
	}
	out.Time = seconds(total)
	return out, total
}

func (p Problem) element() *problem {
	return &problem{Kind: clean(p.Kind), Message: clean(p.Message), Text: clean(p.Text)}
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	s = clean(s)
	return &s
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// clean replaces what XML 1.0 cannot carry: most control characters, and bytes that are not UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return r
		case r < 0x20, r == 0xFFFE, r == 0xFFFF:
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
}
