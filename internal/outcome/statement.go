package outcome

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// Statement is the part of a body by which an outcome differs from others: values by path, such as data.status.
type Statement struct {
	Outcome *Outcome
	Values  map[string]string
}

// Statements are those of the outcomes that one body can report.
type Statements []Statement

// Decisive drops values that do not tell verdicts apart.
func (all Statements) Decisive() {
	for _, s := range all {
		maps.DeleteFunc(s.Values, func(path, value string) bool { return !all.decisive(path) })
	}
}

// decisive reports whether outcomes of different verdicts have different values at a path.
func (all Statements) decisive(path string) bool {
	verdicts := map[Verdict][]string{}
	for _, s := range all {
		if value, ok := s.Values[path]; ok {
			verdicts[s.Outcome.Verdict] = append(verdicts[s.Outcome.Verdict], value)
		}
	}
	for verdict, values := range verdicts {
		for other, others := range verdicts {
			if verdict != other && !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(others, v) }) {
				return true
			}
		}
	}
	return false
}

// Contradiction returns the path in data that reports another outcome than the one of a name, of another verdict. The path is
// empty if there is none.
func (all Statements) Contradiction(data *template.Node, reported string) (path string, other *Outcome) {
	i := slices.IndexFunc(all, func(s Statement) bool { return s.Outcome.Name == reported })
	if i < 0 {
		return "", nil
	}
	given := Scalars(data)
	for _, path := range slices.Sorted(maps.Keys(given)) {
		own, ok := all[i].Values[path]
		if !ok || own == given[path] {
			continue
		}
		var other *Outcome
		for _, s := range all {
			if s.Outcome.Verdict != all[i].Outcome.Verdict && s.Values[path] == given[path] && (other == nil || other.Verdict == Pending) {
				other = s.Outcome // rather a decision than that there is none
			}
		}
		if other != nil {
			return path, other
		}
	}
	return "", nil
}

// Implied returns the first outcome that says everything that data says about outcomes, or nil.
func (all Statements) Implied(data *template.Node) *Outcome {
	given := Scalars(data)
	for _, s := range all {
		said := 0
		for path, value := range given {
			if own, ok := s.Values[path]; ok && own == value {
				said++
			} else if ok {
				said = -len(given)
			}
		}
		if said > 0 {
			return s.Outcome
		}
	}
	return nil
}

// Scalars returns the texts, numbers and truth values in objects by their path.
func Scalars(n *template.Node) map[string]string {
	values := map[string]string{}
	scalars(n, "", values)
	return values
}

func scalars(n *template.Node, path string, into map[string]string) {
	for _, m := range n.Members() {
		at := strings.TrimPrefix(path+"."+m.Key, ".")
		if m.Value.IsObject() {
			scalars(m.Value, at, into)
		} else if v, ok := m.Value.Fixed(); ok && v != nil {
			into[at] = fmt.Sprint(v)
		}
	}
}
