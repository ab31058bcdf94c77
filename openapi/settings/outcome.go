package settings

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
)

// Outcomes are the results of a run, in the order of the file.
type Outcomes []*outcome.Outcome

// outcomeSettings is an outcome in provider.yaml.
type outcomeSettings struct {
	Label   string              `yaml:"label"`
	About   string              `yaml:"about"`
	Verdict string              `yaml:"verdict"`
	On      Texts               `yaml:"on"`
	State   ast.Node            `yaml:"state"`
	Reply   choices             `yaml:"reply"`
	Poll    choices             `yaml:"poll"`
	Events  map[string]ast.Node `yaml:"events"`
	// Sandbox lists the values of requests that come to the outcome in the sandbox, by patterns of operations.
	Sandbox map[string][]outcome.Values `yaml:"sandbox"`
}

// UnmarshalYAML reads the outcomes.
func (o *Outcomes) UnmarshalYAML(n ast.Node) error {
	values, err := members(n, "outcomes")
	if err != nil {
		return err
	}
	for _, v := range values {
		if err := knownKeys(v.Value, "an outcome", "label", "about", "verdict", "on", "state", "reply", "poll", "events", "sandbox"); err != nil {
			return err
		}
		var set outcomeSettings
		if err := yaml.NodeToValue(v.Value, &set, yaml.Strict()); err != nil {
			return err
		}
		next := &outcome.Outcome{Name: template.KeyText(v.Key), Label: set.Label, About: set.About, Verdict: outcome.Verdict(set.Verdict),
			On: set.On, Reply: outcome.Choices(set.Reply), Poll: outcome.Choices(set.Poll), Events: map[string]*template.Node{}, Sandbox: set.Sandbox}
		if set.State != nil {
			if next.State, err = template.FromYAML(set.State); err != nil {
				return err
			}
		}
		for event, data := range set.Events {
			if next.Events[event], err = template.FromYAML(data); err != nil {
				return err
			}
		}
		if next.Label == "" {
			next.Label = strings.ToUpper(next.Name[:1]) + strings.ReplaceAll(next.Name[1:], "-", " ")
		}
		*o = append(*o, next)
	}
	return nil
}

// knownKeys reports a key of a mapping that is not among the known ones.
func knownKeys(n ast.Node, what string, known ...string) error {
	values, err := members(n, what)
	if err != nil {
		return err
	}
	for _, v := range values {
		if key := template.KeyText(v.Key); !slices.Contains(known, key) {
			return &template.YAMLError{Node: v.Key, Err: fmt.Errorf("unknown key %q in %s%s", key, what, suggest.Meant(key, known))}
		}
	}
	return nil
}

// Variables declare what runs remember.
type Variables []outcome.Variable

// UnmarshalYAML reads a type or a list of values for each name.
func (v *Variables) UnmarshalYAML(n ast.Node) error {
	values, err := members(n, "variables")
	if err != nil {
		return err
	}
	for _, m := range values {
		next := outcome.Variable{Name: template.KeyText(m.Key)}
		if _, list := m.Value.(*ast.SequenceNode); list {
			if err := yaml.NodeToValue(m.Value, &next.Values); err != nil {
				return err
			}
		} else if err := yaml.NodeToValue(m.Value, &next.Type); err != nil {
			return err
		}
		if next.Type != "" && !slices.Contains(outcome.Types(), next.Type) {
			return &template.YAMLError{Node: m.Value, Err: fmt.Errorf("variable %s: unknown type %q: use %s, or a list of values", next.Name, next.Type, strings.Join(outcome.Types(), ", "))}
		}
		*v = append(*v, next)
	}
	return nil
}

// choices are examples: one, a list of which an operation documents at least one, or either for patterns of operations.
type choices outcome.Choices

// UnmarshalYAML reads the examples.
func (c *choices) UnmarshalYAML(n ast.Node) error {
	one := func(on string, n ast.Node) error {
		names, err := oneOrMoreNodes(n)
		*c = append(*c, outcome.Choice{On: on, Examples: names})
		return err
	}
	values, err := members(n, "")
	if err != nil {
		return one("*", n)
	}
	for _, v := range values {
		if err := one(template.KeyText(v.Key), v.Value); err != nil {
			return err
		}
	}
	return nil
}

func oneOrMoreNodes(n ast.Node) ([]*template.Node, error) {
	items := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		items = list.Values
	}
	all := make([]*template.Node, len(items))
	for i, item := range items {
		var err error
		if all[i], err = template.FromYAML(item); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Texts are texts, written as one or a list.
type Texts []string

// UnmarshalYAML reads the texts.
func (t *Texts) UnmarshalYAML(n ast.Node) (err error) {
	*t, err = oneOrMore(n, func(s string) (string, error) { return s, nil })
	return err
}

func members(n ast.Node, what string) ([]*ast.MappingValueNode, error) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, nil
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, nil
	}
	return nil, &template.YAMLError{Node: n, Err: fmt.Errorf("%s must be a mapping", what)}
}

// outcomeName matches names that fit in scenarios, URLs and forms.
var outcomeName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check reports invalid outcomes. events are the provider's.
func (o Outcomes) Check(table *outcome.Table, events []string, report Reporter) {
	seen := map[string]bool{}
	for _, next := range o {
		path := []string{"outcomes", next.Name}
		fail := func(at []string, format string, args ...any) {
			report(fmt.Errorf("outcome %s: "+format, append([]any{next.Name}, args...)...), append(slices.Clip(path), at...)...)
		}
		if !outcomeName.MatchString(next.Name) {
			report(fmt.Errorf("outcomes: invalid name %q: use lower-case letters, digits and hyphens, such as face-mismatch", next.Name), path...)
		}
		if seen[next.Name] {
			report(fmt.Errorf("outcomes: duplicate outcome %s", next.Name), path...)
		}
		seen[next.Name] = true
		if !slices.Contains(outcome.Verdicts(), next.Verdict) {
			fail([]string{"verdict"}, "invalid verdict %q: use granted, not-granted or pending", next.Verdict)
		}
		for _, m := range next.State.Members() {
			variable, ok := table.Variable(m.Key)
			if !ok {
				fail([]string{"state", m.Key}, "unknown variable %s: declare it under variables%s", m.Key, suggest.Meant(m.Key, table.Variables()))
			} else if v, fixed := m.Value.Fixed(); fixed {
				report(variable.Check(v), append(path, "state", m.Key)...)
			}
		}
		for _, event := range slices.Sorted(maps.Keys(next.Events)) {
			if !slices.Contains(events, event) {
				fail([]string{"events", event}, "unknown event %q%s", event, suggest.Meant(event, events))
			} else if !next.Events[event].IsObject() {
				fail([]string{"events", event}, "events %s: must be an object", event)
			}
		}
	}
	if _, taken := table.Variable(outcome.Key); taken {
		report(errors.New("variables: outcome is reserved: every run has it"), "variables", outcome.Key)
	}
}
