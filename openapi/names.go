package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/settings"
)

// runMembers are the members of run beside its variables.
var runMembers = []string{outcome.Key, "id", "reference", "scenario", "operation", "subject", "started"}

// expressions checks the names that expressions of runs, outcomes and headers read.
func (v *validator) expressions() {
	set := &v.p.read().set
	for i, run := range set.Runs {
		for key, list := range map[string]settings.Expressions{"subject": run.Subject, "find": run.Find, "alias": run.Alias} {
			for _, e := range list {
				v.use(fmt.Sprint("runs ", i, " ", key), e.Use(), v.matched(run.On))
			}
		}
		if run.Reference.Expression != nil {
			v.use(fmt.Sprint("runs ", i, " reference"), run.Reference.Use(), v.matched(run.On))
		}
	}
	for i, h := range v.p.read().headers {
		for _, u := range h.Value.Uses() {
			v.use(fmt.Sprint("webhook headers ", i), u, nil)
		}
	}
	for _, o := range v.p.read().outcomes.All() {
		for _, m := range o.State.Members() {
			for _, u := range m.Value.Uses() {
				v.use("outcomes "+o.Name+" state "+m.Key, u, nil)
			}
		}
	}
}

// matched lists the operations that patterns match.
func (v *validator) matched(on settings.Globs) []string {
	return slices.DeleteFunc(slices.Clone(v.d.ids), func(id string) bool { return !on.Match(id) })
}

// use reports misspelt members and values of an expression. A name without a similar one may be a scenario's.
func (v *validator) use(path string, u template.Use, operations []string) {
	outcomes := v.p.read().outcomes
	misspelt := func(names []string, name, of string) {
		if !slices.Contains(names, name) && suggest.Closest(name, names) != "" {
			v.report(path, "%s has no %q%s", of, name, suggest.Meant(name, names))
		}
	}
	for _, read := range u.Reads {
		if len(read) < 2 {
			continue
		}
		switch read[0] {
		case "run":
			misspelt(append(outcomes.Variables(), runMembers...), read[1], "run")
		case "account":
			misspelt(append(v.p.CredentialNames(), "name", "seed"), read[1], "account")
		case "body", "path", "query":
			if names, open := v.p.Members(read[0], operations, nil); len(operations) > 0 && !open {
				misspelt(names, read[1], read[0]+" of "+strings.Join(operations[:min(len(operations), 3)], ", "))
			}
		}
	}
	for _, c := range u.Compares {
		if len(c.Path) != 2 || c.Path[0] != "run" {
			continue
		}
		variable, _ := outcomes.Variable(c.Path[1])
		for _, value := range c.Values {
			if text, ok := value.(string); ok && len(variable.Values) > 0 && !slices.Contains(variable.Values, text) {
				v.report(path, "run.%s is never %q%s", c.Path[1], text, suggest.Meant(text, variable.Values))
			}
		}
	}
}

// names checks names of events, operations and members in policies, sources, conformance and the sandbox.
func (v *validator) names() {
	set := &v.p.read().set
	events := slices.Sorted(maps.Keys(set.Events))
	for value, policies := range set.Webhook.Policies {
		if !slices.Contains(set.Switches["policy"], value) {
			v.report("webhook policies "+value, "policies: the switch policy has no value %q%s", value, suggest.Meant(value, set.Switches["policy"]))
		}
		for _, event := range slices.Sorted(maps.Keys(policies)) {
			if err := policies[event].Misfit(set.Switches); err != nil {
				v.report("webhook policies "+value, "policies: %v", err)
			}
			if !slices.Contains(events, event) {
				v.problems = append(v.problems, v.placed(fmt.Errorf("policies %s: unknown event %q%s", value, event, suggest.Meant(event, events)), "webhook", "policies", value, event))
			}
		}
	}
	if c := set.Conformance; c != nil {
		for path, id := range map[string]string{"conformance operation": c.Operation, "conformance start operation": c.Start.Operation} {
			if id != "" {
				v.require(path, id)
			}
		}
	}
	for i, source := range set.Sources {
		for _, on := range source.On {
			if known := slices.Concat(v.d.ids, events); !slices.ContainsFunc(known, settings.Globs{on}.Match) {
				v.report(fmt.Sprint("sources ", i, " on"), "sources: no operation or event %q%s", on, suggest.Meant(on, known))
			}
		}
	}
	for _, o := range v.p.read().outcomes.All() {
		for _, event := range slices.Sorted(maps.Keys(o.Events)) {
			if e := v.p.read().events[event]; e != nil {
				v.eventData(o, e, o.Events[event], nil)
			}
		}
		for pattern, all := range o.Sandbox {
			for _, values := range all {
				v.sandboxValues(o, pattern, values)
			}
		}
	}
}

// eventData reports members of an outcome's event that no shape of its body has: they would fill nothing.
func (v *validator) eventData(o *outcome.Outcome, e *Event, data *template.Node, path []string) {
	var names []string
	for _, shape := range append(slices.Collect(maps.Values(e.shapes)), e.whole()) {
		for _, m := range shape.Lookup(slices.Concat(e.overlay, path)...).Members() {
			names = append(names, m.Key)
		}
	}
	slices.Sort(names)
	for _, m := range data.Members() {
		at := append(slices.Clip(path), m.Key)
		if len(names) == 0 || slices.Contains(names, m.Key) {
			v.eventData(o, e, m.Value, at)
			continue
		}
		err := fmt.Errorf("outcome %s: %s has no %q%s", o.Name, e.Name, strings.Join(at, "."), suggest.Meant(m.Key, slices.Compact(names)))
		v.problems = append(v.problems, v.placed(err, append([]string{"outcomes", o.Name, "events", e.Name}, at...)...))
	}
}

// sandboxValues reports members of requests that do not exist.
func (v *validator) sandboxValues(o *outcome.Outcome, pattern string, values outcome.Values) {
	operations := v.matched(settings.Globs{pattern})
	names, open := v.p.Members("body", operations, nil)
	for key := range values {
		if len(operations) > 0 && !open && !slices.Contains(names, key) {
			v.report("outcomes "+o.Name+" sandbox "+pattern, "outcome %s: sandbox: requests to %s have no %q%s", o.Name, pattern, key, suggest.Meant(key, names))
		}
	}
}
