package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Source is where some operations or events are known from.
type Source struct {
	On         Globs  `yaml:"on"`         // names of operations and events
	Source     string `yaml:"source"`     // page, package or measurement
	Confidence string `yaml:"confidence"` // a value of [Confidences]
	// Guesses are the parts without a source, such as path, request, record or name.
	Guesses Texts `yaml:"guesses"`
}

// Confidences are the values of [Source.Confidence], the surest first.
func Confidences() []string {
	return []string{"seed", "vendor page", "vendor SDK", "recorded", "measured", "client code", "third party", Inferred, PathOnly, Own}
}

// The confidences that mean something.
const (
	Inferred = "inferred"  // from others of the family
	PathOnly = "path only" // nothing but the path is public
	Own      = "mock"      // the mock's own, such as a screen of the dashboard
)

// Sources lists sources; the first that names an operation or event counts.
type Sources []Source

// Of returns the source of an operation or event, or the zero Source.
func (s Sources) Of(name string) Source {
	if i := slices.IndexFunc(s, func(one Source) bool { return one.On.Match(name) }); i >= 0 {
		return s[i]
	}
	return Source{}
}

// Named returns the source that lists an operation or event by its whole name, or the zero Source.
func (s Sources) Named(name string) Source {
	if i := slices.IndexFunc(s, func(one Source) bool { return slices.Contains(one.On, name) }); i >= 0 {
		return s[i]
	}
	return Source{}
}

// Check reports unknown confidences.
func (s Sources) Check(report Reporter) {
	for i, one := range s {
		if !slices.Contains(Confidences(), one.Confidence) {
			report(fmt.Errorf("sources: unknown confidence %q: use %s", one.Confidence, strings.Join(Confidences(), ", ")), "sources", strconv.Itoa(i), "confidence")
		}
	}
}

// ParseSource reads an operation's own source in a document: a confidence, then a colon or parentheses and the source.
func ParseSource(text string) Source {
	for _, confidence := range Confidences() {
		if rest, ok := strings.CutPrefix(text, confidence); ok {
			return Source{Confidence: confidence, Source: strings.Trim(rest, ":() ")}
		}
	}
	return Source{Source: text}
}
