package openapi

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/openapi/mistake"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/signing"
)

// Validate checks provider.yaml completely, with its names against the document. It takes longer than loading, so only
// users' directories are validated at run time; tests validate the built-in ones. The error is [mistake.Errors], with all errors at
// once, and with the first faults of the document, which may be their cause. Without such an error, faults of the document
// are in [Faults] only, unless nothing of it can be read.
func (p *Provider) Validate() error {
	d, err := p.load()
	if err != nil {
		return err
	}
	v := &validator{p: p, d: d}
	v.operations()
	v.outcomes()
	v.dashboard()
	v.events()
	v.signatures()
	v.screens()
	v.fidelity()
	v.secrets()
	v.expressions()
	v.names()
	if len(v.problems) > 0 {
		faults := mistake.Faults(d.Document)
		v.problems = append(v.problems, faults[:min(len(faults), maxFaults)]...)
	}
	return mistake.Locate(p.Name, p.fsys, v.problems...)
}

// maxFaults is how many faults of the document are reported beside other errors.
const maxFaults = 20

// Faults lists what is wrong with a provider's document: against the OpenAPI specification, examples against their schemas, and the
// operations that are not served. The rest of the document is served. It takes far longer than loading. The error reports a
// document of which nothing can be read.
func Faults(p *Provider) (diag.List, error) {
	d, err := p.load()
	if err != nil {
		return nil, err
	}
	found := &mistake.Errors{}
	errors.As(mistake.Locate(p.Name, p.fsys, mistake.Faults(d.Document)...), &found)
	return found.All, nil
}

// validator finds names in provider.yaml that openapi.yaml does not have, and collects the errors.
type validator struct {
	p        *Provider
	d        *document
	problems []error
}

// report adds an error at a path of keys in provider.yaml, written with spaces.
func (v *validator) report(path, format string, args ...any) {
	v.problems = append(v.problems, mistake.At("provider.yaml", strings.Split(path, " "), fmt.Errorf(format, args...)))
}

// placed gives an error its place in provider.yaml, by keys that may have spaces.
func (v *validator) placed(err error, path ...string) error {
	return mistake.At("provider.yaml", path, err)
}

// require reports a pattern that matches no operation.
func (v *validator) require(path, glob string) {
	if !slices.ContainsFunc(v.d.operations, func(op *Operation) bool { return settings.Globs{glob}.Match(op.ID) }) {
		key, _, _ := strings.Cut(path, " ")
		v.report(path, "%s: unknown operation %s%s", key, glob, suggest.Meant(glob, v.d.ids))
	}
}

// operations checks the patterns of operations.
func (v *validator) operations() {
	set := &v.p.read().set
	for i, other := range set.Credential.Other {
		for _, glob := range other.On {
			v.require(fmt.Sprint("credential other ", i, " on"), glob)
		}
	}
	for i, run := range set.Runs {
		for _, glob := range run.On {
			v.require(fmt.Sprint("runs ", i, " on"), glob)
		}
		for _, op := range v.d.operations {
			if run.Missing != "" && run.Missing != string(NotFound) && run.On.Match(op.ID) && !slices.Contains(op.Examples(), run.Missing) {
				v.report(fmt.Sprint("runs ", i, " missing"), "runs: %s has no example %q for a run that does not exist%s", op.ID, run.Missing, suggest.Meant(run.Missing, op.Examples()))
			}
		}
	}
	for _, glob := range set.Wallet.Operations() {
		v.require("wallet prices", glob)
	}
	for i, glob := range set.SDK.Pages {
		v.require(fmt.Sprint("sdk pages ", i), glob)
	}
}

// outcomes checks the operations and examples of the outcomes.
func (v *validator) outcomes() {
	for _, o := range v.p.read().outcomes.All() {
		path := "outcomes " + o.Name
		for _, pattern := range o.On {
			v.require(path+" on", pattern)
		}
		for _, pattern := range slices.Sorted(maps.Keys(o.Sandbox)) {
			v.require(path+" sandbox "+pattern, pattern)
			if len(o.On) > 0 && !slices.ContainsFunc(v.d.operations, func(op *Operation) bool { return glob.Match(pattern, op.ID) && o.Applies(op.ID) }) {
				v.report(path+" sandbox "+pattern, "outcome %s: sandbox: %s cannot have it: it is for %s", o.Name, pattern, strings.Join(o.On, ", "))
			}
		}
		for key, choices := range map[string]outcome.Choices{"reply": o.Reply, "poll": o.Poll} {
			for _, choice := range choices {
				v.require(path+" "+key, choice.On)
				for _, n := range choice.Examples {
					if name, fixed := n.Fixed(); fixed && !slices.Contains(v.examples(choice.On), fmt.Sprint(name)) {
						v.report(path+" "+key, "outcome %s: no operation %s has an example %q%s", o.Name, choice.On, name, suggest.Meant(fmt.Sprint(name), v.examples(choice.On)))
					}
				}
			}
		}
	}
}

// examples lists those of the operations that a pattern matches.
func (v *validator) examples(pattern string) (names []string) {
	for _, op := range v.d.operations {
		if glob.Match(pattern, op.ID) {
			names = append(names, op.Examples()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (v *validator) dashboard() {
	for _, id := range slices.Sorted(maps.Keys(v.p.read().set.Dashboard)) {
		action, op := v.p.read().set.Dashboard[id], v.d.byID[id]
		v.require("dashboard "+id, id)
		if action.Resend.Expression != nil && op != nil && !slices.Contains(op.Examples(), action.Missing) {
			v.report("dashboard "+id, "dashboard %s: missing must name an example for a delivery that does not exist", id)
		}
		if action.Test != "" && v.p.read().events[action.Test] == nil {
			v.report("dashboard "+id, "dashboard %s: unknown event %s%s", id, action.Test, suggest.Meant(action.Test, slices.Sorted(maps.Keys(v.p.read().events))))
		}
		for _, name := range slices.Sorted(maps.Keys(action.Switches)) {
			if _, ok := v.p.read().set.Switches[name]; !ok {
				v.report("dashboard "+id+" switches "+name, "dashboard %s: unknown switch %s%s", id, name, suggest.Meant(name, slices.Sorted(maps.Keys(v.p.read().set.Switches))))
			}
		}
	}
}

func (v *validator) events() {
	for _, e := range v.p.Events() {
		if v.d.Webhook(e.webhook) == nil {
			v.report("events "+e.Name+" webhook", "events %s: openapi.yaml has no webhook %q%s", e.Name, e.webhook, suggest.Meant(e.webhook, v.d.WebhookNames()))
		}
		if e.secret != "" && !slices.Contains(v.p.CredentialNames(), e.secret) {
			v.report("events "+e.Name+" secret", "events %s: unknown credential %s%s", e.Name, e.secret, suggest.Meant(e.secret, v.p.CredentialNames()))
		}
		for _, name := range slices.Sorted(maps.Keys(e.shapes)) {
			if !slices.Contains(v.p.read().set.Switches["shape"], name) {
				v.report("events "+e.Name+" shapes "+name, "events %s: the switch shape has no value %s%s", e.Name, name, suggest.Meant(name, v.p.read().set.Switches["shape"]))
			}
		}
	}
}

func (v *validator) signatures() {
	for _, s := range v.allSignatures() {
		if s.Secret != "" && !slices.Contains(v.p.CredentialNames(), s.Secret) {
			v.report("webhook signature secret", "signature: unknown credential %s%s", s.Secret, suggest.Meant(s.Secret, v.p.CredentialNames()))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.p.read().set.Webhook.Signatures)) {
		if !slices.Contains(v.p.read().set.Switches["signature"], name) {
			v.report("webhook signatures "+name, "signatures: the switch signature has no value %s%s", name, suggest.Meant(name, v.p.read().set.Switches["signature"]))
		}
	}
}

func (v *validator) allSignatures() []signing.Config {
	return append(slices.Collect(maps.Values(v.p.read().set.Webhook.Signatures)), v.p.read().set.Webhook.Signature)
}

// screens checks the screens and the operations that they call.
func (v *validator) screens() {
	for i, screen := range v.p.read().set.Screens {
		path := fmt.Sprint("screens ", i)
		for _, err := range screen.Check() {
			v.report(path, "screen %s: %w", screen.Name, err)
		}
		for _, id := range screen.Operations() {
			if op := v.d.byID[id]; op == nil || !op.Dashboard {
				v.report(path, "screen %s: unknown dashboard operation %q%s", screen.Name, id, suggest.Meant(id, v.d.ids))
			}
		}
	}
}

// fidelity checks the values of x-idmock-fidelity.
func (v *validator) fidelity() {
	for _, x := range v.d.Extensions(fidelityKey) {
		if !slices.Contains(fidelities(), Fidelity(x.Value)) {
			v.problems = append(v.problems, mistake.At("openapi.yaml", x.Path,
				fmt.Errorf("unknown %s %q: use %s", fidelityKey, x.Value, strings.Trim(fmt.Sprint(fidelities()), "[]"))))
		}
	}
}

// secrets checks that the signature schemes accept the secrets.
func (v *validator) secrets() {
	credentials, err := v.p.Credentials("validated", 1)
	if err != nil {
		v.problems = append(v.problems, mistake.At("provider.yaml", []string{"credentials"}, err))
		return
	}
	for _, s := range v.allSignatures() {
		if secret, ok := credentials[s.Secret].(string); ok {
			if _, err := s.Sign([]byte(secret), signing.Message{}); err != nil {
				v.report("credentials "+s.Secret, "%w", err)
			}
		}
	}
}
