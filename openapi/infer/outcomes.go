package infer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
)

// outcome is an outcome guessed from a value of the status.
type outcome struct {
	name, verdict, value string
}

// verdicts are words in the values of a status, by their meaning. A word may be a part of another: unverified comes before
// verified.
func verdicts() []struct {
	verdict string
	words   []string
} {
	return []struct {
		verdict string
		words   []string
	}{
		{"not-granted", []string{"reject", "declin", "fail", "denied", "deny", "invalid", "error", "expired", "cancel", "abandon", "block", "unverified", "notverified", "suspend", "unsuccessful", "incomplete", "mismatch", "revoked", "closed", "redacted", "hit", "inactive", "disapproved", "notapproved", "withdrawn", "consider"}},
		{"pending", []string{"pending", "process", "progress", "created", "requires", "submit", "review", "queue", "await", "initiat", "start", "new", "draft", "open", "wait", "running", "received", "scheduled", "hold", "unknown", "init"}},
		{"granted", []string{"verified", "approv", "success", "succeed", "pass", "clear", "complete", "accept", "valid", "match", "confirm", "granted", "done", "finished", "active", "ok", "ready"}},
	}
}

// verdictOf returns the verdict of a value, empty if its words say none.
func verdictOf(value string) string {
	key := fake.Squeeze(value)
	for _, v := range verdicts() {
		if slices.ContainsFunc(v.words, func(word string) bool {
			if len(word) <= 3 {
				return key == word
			}
			return strings.Contains(key, word)
		}) {
			return v.verdict
		}
	}
	return ""
}

// topics are words in the names of resources of identity-verification services, the likeliest first.
func topics() []string {
	return []string{"verification", "inquiry", "check", "applicant", "kyc", "identity", "screening", "case", "session", "report", "customer", "user"}
}

// findOutcomes guesses the outcomes from the status of the resource that is the likeliest to be a verification.
func (p *provider) findOutcomes() {
	rank := len(topics()) + 1
	for _, r := range p.resources {
		m, ok := p.status(r)
		if !ok || r.create == nil {
			continue
		}
		values := enum(m.Enum)
		own := slices.IndexFunc(topics(), func(word string) bool { return strings.Contains(strings.ToLower(r.collection), word) })
		if own < 0 {
			own = len(topics())
		}
		if own >= rank || !decides(values) {
			continue
		}
		rank = own
		p.subject, p.variable, p.values, p.outcomes = r, m.Name(), values, nil
		for _, value := range values {
			name := hyphened(value)
			if name == "" || slices.ContainsFunc(p.outcomes, func(o outcome) bool { return o.name == name }) {
				continue
			}
			p.outcomes = append(p.outcomes, outcome{name, cmp.Or(verdictOf(value), "pending"), value})
		}
	}
}

// decides reports whether values say that something was granted, and that it was not or not yet.
func decides(values []string) bool {
	granted := func(value string) bool { return verdictOf(value) == "granted" }
	return slices.ContainsFunc(values, granted) && slices.ContainsFunc(values, func(value string) bool { return !granted(value) })
}

// first returns the first outcome of a verdict.
func (p *provider) first(verdict string) (outcome, bool) {
	i := slices.IndexFunc(p.outcomes, func(o outcome) bool { return o.verdict == verdict })
	if i < 0 {
		return outcome{}, false
	}
	return p.outcomes[i], true
}

// reports are the outcomes that an event can report by its name; none: all.
func (p *provider) reports(e event) []string {
	last := e.name[strings.LastIndexAny(e.name, "._/")+1:]
	for _, o := range p.outcomes {
		if fake.Squeeze(last) == fake.Squeeze(o.value) {
			return []string{o.name}
		}
	}
	return nil
}

// about reports whether an event is about the resource with the outcomes: a callback of the operation that creates it, or a
// webhook with its name.
func (p *provider) about(e event) bool {
	if e.of != nil {
		return p.subject != nil && e.of == p.subject.create
	}
	return p.subject == nil || len(p.events) == 1 || strings.Contains(fake.Squeeze(e.name), fake.Squeeze(p.subject.name))
}

// sent returns the events that report an outcome: the callbacks of the request that began, and the webhook that is the
// likeliest to.
func (p *provider) sent(o outcome) []string {
	var names []string
	var webhook string
	for _, e := range p.events {
		reports := p.reports(e)
		switch {
		case !p.about(e) || len(reports) > 0 && !slices.Contains(reports, o.name):
		case e.of != nil:
			names = append(names, e.name)
		case len(reports) > 0:
			webhook = e.name
		case webhook == "" && (len(p.events) == 1 || says(e.name, "updated", "completed", "changed", "finished", "status")):
			webhook = e.name
		}
	}
	if webhook != "" {
		names = append(names, webhook)
	}
	return names
}

func says(name string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(strings.ToLower(name), word) })
}

// outcomeSettings are the sections variables and outcomes of provider.yaml.
func (p *provider) outcomeSettings() string {
	if len(p.outcomes) == 0 {
		return `# outcomes: # what a run can come to: state, responses and events follow from it
#   verified: {verdict: granted, state: {status: verified}}
`
	}
	var b strings.Builder
	fmt.Fprintf(&b, "variables:\n  %s: %s\noutcomes: # guessed from the values of %s\n", quote(p.variable), list(p.values), p.variable)
	for _, o := range p.outcomes {
		fmt.Fprintf(&b, "  %s: {verdict: %s, state: {%s: %s}}\n", quote(o.name), o.verdict, quote(p.variable), quote(o.value))
	}
	return b.String()
}

// scenario is scenarios/default.yaml.
func (p *provider) scenario() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What happens unless another scenario is chosen.\nscenario: default\nprovider: %s\ndescription: %s\nrules:\n", p.name, quote(p.story()))
	if p.subject != nil && len(p.outcomes) > 0 {
		pending, waits := p.first("pending")
		granted, _ := p.first("granted")
		fmt.Fprintf(&b, "  - on: %s\n", quote(p.subject.create.ID))
		events := p.sent(granted)
		first := granted
		if waits {
			first = pending
		}
		fmt.Fprintf(&b, "    outcome: %s\n", quote(first.name))
		switch {
		case waits:
			fmt.Fprintf(&b, "    then:\n      - after: 2s\n        outcome: %s\n", quote(granted.name))
			writeSends(&b, events, "        ")
		case len(events) > 0:
			b.WriteString("    then:\n      - after: 2s\n")
			writeSends(&b, events, "        ")
		}
	}
	p.callbackRules(&b)
	b.WriteString("\n  # Everything else responds as the document says.\n  - on: \"*\"\n    reply: {}\n")
	return b.String()
}

// writeSends writes the events of a step, each after the first as a step of its own.
func writeSends(b *strings.Builder, events []string, indent string) {
	for _, name := range events {
		fmt.Fprintf(b, "%ssend: %s\n", indent, quote(name))
		indent = "      - "
	}
}

// callbackRules sends the callbacks of operations that start a run and have no rule yet.
func (p *provider) callbackRules(b *strings.Builder) {
	for _, r := range p.resources {
		if r.create == nil || r == p.subject {
			continue
		}
		written := false
		for _, e := range p.events {
			if e.of != r.create {
				continue
			}
			if !written {
				fmt.Fprintf(b, "\n  - on: %s\n    reply: {}\n    then:\n", quote(r.create.ID))
				written = true
			}
			fmt.Fprintf(b, "      - after: 2s\n        send: %s\n", quote(e.name))
		}
	}
}

func (p *provider) story() string {
	if p.subject == nil {
		return "Every request succeeds."
	}
	granted, _ := p.first("granted")
	if pending, ok := p.first("pending"); ok {
		return fmt.Sprintf("Every %s is %s, and %s two seconds later.", p.subject.name, pending.value, granted.value)
	}
	return fmt.Sprintf("Every %s is %s at once.", p.subject.name, granted.value)
}
