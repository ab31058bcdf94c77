package openapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/signing"
)

// ignored are the keywords that JSON Schema has and kin-openapi's validator passes over: a document that uses one would
// be half understood, so it is refused.
var ignored = []string{"const", "if", "then", "else", "prefixItems", "dependentRequired", "dependentSchemas", "contains", "unevaluatedProperties", "unevaluatedItems", "patternProperties", "propertyNames"}

// Judge validates the folder as a whole: the document against its specification, every example against its schema, and
// the names in provider.yaml against the document. It takes far longer than loading, so only a user's own folder is
// judged at run time; the ones that ship have been judged by their tests. All mistakes are reported together: the error is [Mistakes].
func (p *Provider) Judge() error {
	d, err := p.load()
	if err != nil {
		return err
	}
	src, err := d.root.Append(nil, nil)
	if err != nil {
		return p.mistakes(place("openapi.yaml", nil, err))
	}
	problems := append([]error{p.checkNames(d)}, p.checkScreens(d)...)
	spec, err := openapi3.NewLoader().LoadFromData(src)
	if err != nil { // later checks would repeat the error
		return p.mistakes(append(problems, place("openapi.yaml", nil, err))...)
	}
	problems = append(problems, place("openapi.yaml", nil, spec.Validate(context.Background(), openapi3.EnableMultiError())))
	problems = append(problems, unknownKeywords(d.root, nil, false)...)
	problems = append(problems, p.checkFidelity(d)...)
	for _, op := range d.operations {
		_, err := op.details()
		problems = append(problems, place("openapi.yaml", []string{"paths", op.Path, strings.ToLower(op.Method)}, err))
	}
	return p.mistakes(append(problems, p.checkSecrets()...)...)
}

// checkSecrets finds secrets that nothing can be signed with.
func (p *Provider) checkSecrets() []error {
	credentials, err := p.Credentials("judged", 1)
	if err != nil {
		return []error{place("provider.yaml", []string{"credentials"}, err)}
	}
	var problems []error
	for _, s := range append(slices.Collect(maps.Values(p.set.Webhook.Signatures)), p.set.Webhook.Signature) {
		if secret, ok := credentials[s.Secret].(string); ok {
			_, err := s.Sign([]byte(secret), signing.Message{})
			problems = append(problems, place("provider.yaml", []string{"credentials", s.Secret}, err))
		}
	}
	return problems
}

// unknownKeywords looks for keywords that are ignored in the schemas below a node; inside says that it stands in one.
func unknownKeywords(n *template.Node, path []string, inside bool) []error {
	var problems []error
	at := strings.Join(append([]string{"#"}, path...), "/")
	for _, m := range n.Members() {
		if m.Key == "example" || m.Key == "examples" {
			continue // data, which may have any keys
		}
		names := strings.HasSuffix(at, "/properties") || at == "#/components/schemas" // keys are names here
		if inside && !names && slices.Contains(ignored, m.Key) {
			problems = append(problems, place("openapi.yaml", append(slices.Clone(path), m.Key),
				fmt.Errorf("%s: the keyword %s is not supported: bodies would not be judged by it", at, m.Key)))
		}
		next := append(slices.Clone(path), m.Key)
		problems = append(problems, unknownKeywords(m.Value, next, inside || m.Key == "schema" || slices.Equal(next, []string{"components", "schemas"}))...)
	}
	for i, item := range n.Items() {
		problems = append(problems, unknownKeywords(item, append(slices.Clone(path), strconv.Itoa(i)), inside)...)
	}
	return problems
}

// checkNames finds the names in provider.yaml that mean nothing in openapi.yaml.
func (p *Provider) checkNames(d *document) error {
	var problems []error
	bad := func(path string, format string, args ...any) {
		problems = append(problems, place("provider.yaml", strings.Split(path, " "), fmt.Errorf(format, args...)))
	}
	need := func(path, glob string) {
		if !slices.ContainsFunc(d.operations, func(op *Operation) bool { return globs{glob}.match(op.ID) }) {
			key, _, _ := strings.Cut(path, " ")
			bad(path, "%s: no operation is called %s", key, glob)
		}
	}
	for i, other := range p.set.Credential.Other {
		for _, glob := range other.On {
			need(fmt.Sprint("credential other ", i, " on"), glob)
		}
	}
	for i, rule := range p.set.Runs {
		for _, glob := range rule.On {
			need(fmt.Sprint("runs ", i, " on"), glob)
		}
		for _, op := range d.operations {
			if rule.Missing != "" && rule.On.match(op.ID) && !slices.Contains(op.Examples(), rule.Missing) {
				bad(fmt.Sprint("runs ", i, " missing"), "runs: %s has no example %q to answer with when there is no such run", op.ID, rule.Missing)
			}
		}
	}
	for i, glob := range p.set.SDK.Pages {
		need(fmt.Sprint("sdk pages ", i), glob)
	}
	for _, id := range slices.Sorted(maps.Keys(p.set.Dashboard)) {
		need("dashboard "+id, id)
		if verb, op := p.set.Dashboard[id], d.byID[id]; verb.Resend.Expression != nil && op != nil && !slices.Contains(op.Examples(), verb.Missing) {
			bad("dashboard "+id, "dashboard %s: missing names no example to answer with when there is no such delivery", id)
		}
		if test := p.set.Dashboard[id].Test; test != "" && p.events[test] == nil {
			bad("dashboard "+id, "dashboard %s: no event is called %s", id, test)
		}
	}
	for _, glob := range slices.Sorted(maps.Keys(p.set.Sandbox.Values)) {
		need("sandbox values "+glob, glob)
	}
	for _, e := range p.Events() {
		if d.root.Lookup("webhooks", e.webhook) == nil {
			bad("events "+e.Name+" webhook", "events %s: openapi.yaml has no webhook %q", e.Name, e.webhook)
		}
	}
	for _, s := range append(slices.Collect(maps.Values(p.set.Webhook.Signatures)), p.set.Webhook.Signature) {
		if s.Secret != "" && !slices.Contains(p.CredentialNames(), s.Secret) {
			bad("webhook signature secret", "signature: no credential is called %s", s.Secret)
		}
	}
	// The values of an endpoint must be values of the switch.
	for _, name := range slices.Sorted(maps.Keys(p.set.Webhook.Signatures)) {
		if !slices.Contains(p.set.Switches["signature"], name) {
			bad("webhook signatures "+name, "signatures: %s is no value of the switch signature", name)
		}
	}
	for _, e := range p.Events() {
		for _, name := range slices.Sorted(maps.Keys(e.shapes)) {
			if !slices.Contains(p.set.Switches["shape"], name) {
				bad("events "+e.Name+" shapes "+name, "events %s: %s is no value of the switch shape", e.Name, name)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.set.Dashboard)) {
		for _, name := range slices.Sorted(maps.Keys(p.set.Dashboard[id].Switches)) {
			if _, ok := p.set.Switches[name]; !ok {
				bad("dashboard "+id+" switches "+name, "dashboard %s: no switch is called %s", id, name)
			}
		}
	}
	return errors.Join(problems...)
}
