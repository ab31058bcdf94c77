// Package junit writes test reports in the JUnit dialect that CI systems import (Jenkins, GitLab, GitHub Actions, Azure),
// valid by the schema of Jenkins. docs/adr/0015-junit-encoder.md says why it is not a library.
//
// It reads no reports, and the meaning of a verdict does not belong here: callers map theirs to failure (the tested object
// is at fault), error (the test could not be run) and skipped.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Report is a file of suites: the root element <testsuites>. [Write] sums up counts and durations.
type Report struct {
	Name   string
	Suites []Suite
}

// Suite is a group of cases.
type Suite struct {
	Name       string
	Began      time.Time // omitted if zero
	Properties []Property
	Cases      []Case
}

// Property is a fact about a suite, such as its seed.
type Property struct{ Name, Value string }

// Case is a test. At most one of Failure, Error and Skipped is set; a case with none passed.
type Case struct {
	Class   string // groups cases in most viewers; the suite's name if empty
	Name    string
	Took    time.Duration
	Failure *Problem // the tested object is at fault
	Error   *Problem // the test could not be run
	Skipped *string  // the reason, which may be empty
	Out     string   // system-out
}

// Problem describes a failure or an error.
type Problem struct {
	Kind    string // a short word, such as "fail" or "timeout"
	Message string // one line
	Text    string // any number of lines
}

// Skip returns a value for [Case].Skipped.
func Skip(reason string) *string { return &reason }

// Write writes the report as UTF-8 XML. Characters that XML 1.0 does not allow are replaced.
func Write(w io.Writer, r Report) error {
	root := suites{Name: clean(r.Name)}
	var total time.Duration
	for _, s := range r.Suites {
		element, took := s.element()
		root.Tests += element.Tests
		root.Failures += element.Failures
		root.Errors += element.Errors
		total += took
		root.Suites = append(root.Suites, element)
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

// element returns the suite's element and the sum of its cases' durations.
func (s Suite) element() (suite, time.Duration) {
	element := suite{Name: clean(s.Name), Tests: len(s.Cases)}
	if !s.Began.IsZero() {
		element.Timestamp = s.Began.UTC().Format("2006-01-02T15:04:05")
	}
	if len(s.Properties) > 0 {
		element.Properties = &properties{}
	}
	for _, p := range s.Properties {
		element.Properties.All = append(element.Properties.All, property{clean(p.Name), clean(p.Value)})
	}
	var total time.Duration
	for _, c := range s.Cases {
		element.add(c)
		total += c.Took
	}
	element.Time = seconds(total)
	return element, total
}

// add adds a case and counts it.
func (s *suite) add(c Case) {
	element := testcase{Class: clean(c.Class), Name: clean(c.Name), Time: seconds(c.Took), Out: text(c.Out)}
	if c.Class == "" {
		element.Class = s.Name
	}
	switch {
	case c.Failure != nil:
		s.Failures++
		element.Failure = c.Failure.element()
	case c.Error != nil:
		s.Errors++
		element.Error = c.Error.element()
	case c.Skipped != nil:
		s.Skipped++
		element.Skipped = &skipped{clean(*c.Skipped)}
	}
	s.Cases = append(s.Cases, element)
}

func (p Problem) element() *problem {
	return &problem{Kind: clean(p.Kind), Message: clean(p.Message), Text: clean(p.Text)}
}

// text returns the content of an element, or nil to omit it.
func text(s string) *string {
	if s == "" {
		return nil
	}
	s = clean(s)
	return &s
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// clean replaces characters that XML 1.0 does not allow: most control characters, and bytes that are not UTF-8.
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
