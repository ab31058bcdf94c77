package scenarios

import (
	"io/fs"
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/internal/outcome"
)

// Base is what a default scenario gives to the other scenarios of its provider.
type Base struct {
	Provider, Scenario string

	Vars      []string           // names
	Variables []outcome.Variable // of runs
	Sends     []string           // events
}

// ReadBase reads a default scenario loosely: mistakes in it are reported where it is parsed. The result is nil for anything other than a YAML
// mapping.
func ReadBase(src []byte) *Base {
	var s struct {
		Scenario  string         `yaml:"scenario"`
		Provider  string         `yaml:"provider"`
		Vars      map[string]any `yaml:"vars"`
		Variables map[string]any `yaml:"variables"`
		Rules     any            `yaml:"rules"`
	}
	if yaml.Unmarshal(src, &s) != nil {
		return nil
	}
	b := &Base{Provider: s.Provider, Scenario: s.Scenario, Vars: slices.Sorted(maps.Keys(s.Vars))}
	for _, name := range slices.Sorted(maps.Keys(s.Variables)) {
		v := outcome.Variable{Name: name}
		switch declared := s.Variables[name].(type) {
		case string:
			v.Type = declared
		case []any:
			for _, value := range declared {
				if text, ok := value.(string); ok {
					v.Values = append(v.Values, text)
				}
			}
		}
		b.Variables = append(b.Variables, v)
	}
	sent := map[string]bool{}
	collectSends(s.Rules, sent)
	b.Sends = slices.Sorted(maps.Keys(sent))
	return b
}

// BaseIn is [ReadBase] for a file; nil if it cannot be read.
func BaseIn(fsys fs.FS, file string) *Base {
	src, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil
	}
	return ReadBase(src)
}

// collectSends collects the events that steps send.
func collectSends(v any, into map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			collectSends(item, into)
		}
	case map[string]any:
		for key, value := range v {
			if key != "send" {
				collectSends(value, into)
				continue
			}
			event, _ := value.(string)
			if mapping, ok := value.(map[string]any); ok {
				event, _ = mapping["event"].(string)
			}
			into[event] = true
		}
	}
}
