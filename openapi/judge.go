package openapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// ignored are the keywords that JSON Schema has and kin-openapi's validator passes over: a document that uses one would
// be half understood, so it is refused.
var ignored = []string{"const", "if", "then", "else", "prefixItems", "dependentRequired", "dependentSchemas", "contains", "unevaluatedProperties", "unevaluatedItems", "patternProperties", "propertyNames"}

// Judge validates the folder as a whole: the document against its specification, every example against its schema, and
// the names in provider.yaml against the document. It takes far longer than loading, so only a user's own folder is
// judged at run time; the ones that ship have been judged by their tests. All mistakes are reported together.
func (p *Provider) Judge() error {
	d, err := p.load()
	if err != nil {
		return err
	}
	src, err := d.root.Append(nil, nil)
	if err != nil {
		return err
	}
	spec, err := openapi3.NewLoader().LoadFromData(src)
	if err != nil {
		return fmt.Errorf("%s/openapi.yaml: %w", p.Name, err)
	}
	problems := []error{spec.Validate(context.Background(), openapi3.EnableMultiError())}
	problems = append(problems, unknownKeywords(d.root, "#", false)...)
	for _, op := range d.operations {
		if _, err := op.details(); err != nil {
			problems = append(problems, err)
		}
	}
	problems = append(problems, p.checkNames(d))
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	return nil
}

// unknownKeywords looks for keywords that are ignored in the schemas below a node; inside says that it stands in one.
func unknownKeywords(n *template.Node, at string, inside bool) []error {
	var problems []error
	for _, m := range n.Members() {
		if m.Key == "example" || m.Key == "examples" {
			continue // data, which may have any keys
		}
		names := strings.HasSuffix(at, "/properties") || at == "#/components/schemas" // keys are names here
		if inside && !names && slices.Contains(ignored, m.Key) {
			problems = append(problems, fmt.Errorf("openapi.yaml: %s: the keyword %s is not supported: bodies would not be judged by it", at, m.Key))
		}
		next := at + "/" + m.Key
		problems = append(problems, unknownKeywords(m.Value, next, inside || m.Key == "schema" || next == "#/components/schemas")...)
	}
	for i, item := range n.Items() {
		problems = append(problems, unknownKeywords(item, fmt.Sprintf("%s/%d", at, i), inside)...)
	}
	return problems
}

// checkNames finds the names in provider.yaml that mean nothing in openapi.yaml.
func (p *Provider) checkNames(d *document) error {
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("provider.yaml: "+format, args...))
	}
	need := func(key, glob string) {
		if !slices.ContainsFunc(d.operations, func(op *Operation) bool { return globs{glob}.match(op.ID) }) {
			bad("%s: no operation is called %s", key, glob)
		}
	}
	for _, other := range p.set.Credential.Other {
		for _, glob := range other.On {
			need("credential", glob)
		}
	}
	for _, rule := range p.set.Runs {
		for _, glob := range rule.On {
			need("runs", glob)
		}
		for _, op := range d.operations {
			if rule.Missing != "" && rule.On.match(op.ID) && !slices.Contains(op.Examples(), rule.Missing) {
				bad("runs: %s has no example %q to answer with when there is no such run", op.ID, rule.Missing)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.set.Dashboard)) {
		need("dashboard", id)
		if test := p.set.Dashboard[id].Test; test != "" && p.events[test] == nil {
			bad("dashboard %s: no event is called %s", id, test)
		}
	}
	for _, glob := range slices.Sorted(maps.Keys(p.set.Sandbox.Values)) {
		need("sandbox", glob)
	}
	for _, e := range p.Events() {
		if d.root.Lookup("webhooks", e.webhook) == nil {
			bad("events %s: openapi.yaml has no webhook %q", e.Name, e.webhook)
		}
	}
	for _, s := range append(slices.Collect(maps.Values(p.set.Webhook.Signatures)), p.set.Webhook.Signature) {
		if s.Secret != "" && !slices.Contains(p.CredentialNames(), s.Secret) {
			bad("signature: no credential is called %s", s.Secret)
		}
	}
	// What an endpoint may choose has to be among the values of the switch by which it chooses.
	for _, name := range slices.Sorted(maps.Keys(p.set.Webhook.Signatures)) {
		if !slices.Contains(p.set.Switches["signature"], name) {
			bad("signatures: %s is no value of the switch signature", name)
		}
	}
	for _, e := range p.Events() {
		for _, name := range slices.Sorted(maps.Keys(e.shapes)) {
			if !slices.Contains(p.set.Switches["shape"], name) {
				bad("events %s: %s is no value of the switch shape", e.Name, name)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.set.Dashboard)) {
		for _, name := range slices.Sorted(maps.Keys(p.set.Dashboard[id].Switches)) {
			if _, ok := p.set.Switches[name]; !ok {
				bad("dashboard %s: no switch is called %s", id, name)
			}
		}
	}
	return errors.Join(problems...)
}
