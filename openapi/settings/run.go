package settings

import (
	"slices"
	"strings"
)

// RunOf returns the settings for the runs that requests to an operation concern, nil without any.
func (s *Settings) RunOf(operation string) *Run {
	i := slices.IndexFunc(s.Runs, func(r Run) bool { return r.On.Match(operation) })
	if i < 0 {
		return nil
	}
	return &s.Runs[i]
}

// ListName names the list of runs in the responses; empty: none. Operations that list the same share one.
func (r *Run) ListName() string {
	if r == nil {
		return ""
	}
	return strings.Join(r.List, " ")
}

// ListsOf names the lists that have the runs which requests to an operation start.
func (s *Settings) ListsOf(operation string) []string {
	var names []string
	for i := range s.Runs {
		r := &s.Runs[i]
		if name := r.ListName(); r.List.Match(operation) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
