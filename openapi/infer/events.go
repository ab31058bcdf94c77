package infer

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/openapi/bundle"
	"github.com/idmock/idmock/openapi/sample"
	"github.com/idmock/idmock/openapi/spec"
)

// event is a webhook or a callback of the document.
type event struct {
	name, webhook, about string
	id                   []string        // path of the reference in the body
	to                   string          // expression of the address of a callback
	of                   *spec.Operation // whose callback it is
}

// findEvents lists the webhooks, and the callbacks of the operations.
func (p *provider) findEvents() {
	for _, name := range p.doc.WebhookNames() {
		e := event{name: eventName(name), webhook: name}
		for _, m := range p.doc.Lookup("webhooks", name).Members() {
			if about := textOf(m.Value.Lookup("summary")); about != "" {
				e.about = about
			}
		}
		p.addEvent(e)
	}
	for _, c := range p.doc.Callbacks() {
		if p.wanted(c.Operation) {
			p.addEvent(event{name: eventName(c.Name), webhook: c.Webhook, to: address(c.Expression), of: c.Operation, about: c.Summary})
		}
	}
}

// addEvent adds an event, under another name if its own is taken.
func (p *provider) addEvent(e event) {
	taken := func(name string) bool {
		return name == "" || slices.ContainsFunc(p.events, func(have event) bool { return have.name == name })
	}
	if taken(e.name) && e.of != nil {
		e.name = eventName(e.of.ID) + "." + e.name
	}
	for base, n := e.name, 2; taken(e.name); n++ {
		e.name = fmt.Sprintf("%s-%d", base, n)
	}
	e.id = p.idOf(e)
	p.events = append(p.events, e)
}

// idOf returns the path of the id of an event's resource: below the member that wraps it, or at the top.
func (p *provider) idOf(e event) []string {
	names := []string{"id"}
	for _, r := range p.resources {
		if e.of != nil && e.of == r.create || e.of == nil && strings.Contains(fake.Squeeze(e.name), fake.Squeeze(r.name)) {
			names = r.names()
			break
		}
	}
	schema := p.doc.Webhook(e.webhook).Schema()
	if m, ok := sample.FindBelow(schema, p.doc.Resolve, names); ok {
		return m.Path
	}
	if m, ok := sample.Find(schema, p.doc.Resolve, names); ok {
		return m.Path
	}
	return nil
}

// eventName returns the name of an event without characters that do not fit in URLs and scenarios.
func eventName(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._-", r):
			return r
		}
		return '-'
	}, name), "-")
}

// address turns a runtime expression of OpenAPI into an expression, such as {$request.body#/callbackUrl} and
// https://{$request.query.host}/hook. It is empty for a value that no request has.
func address(runtime string) string {
	if strings.HasPrefix(runtime, "$") {
		return runtimeValue(runtime)
	}
	var parts []string
	values := 0
	for rest := runtime; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			parts = append(parts, fmt.Sprintf("%q", before))
		}
		if !found {
			break
		}
		inner, more, _ := strings.Cut(after, "}")
		e := runtimeValue(inner)
		if e == "" {
			return ""
		}
		parts, rest, values = append(parts, e), more, values+1
	}
	switch {
	case values == 0:
		return ""
	case len(parts) == 1:
		return parts[0]
	}
	for i, part := range parts {
		if !strings.HasPrefix(part, `"`) {
			parts[i] = "string(" + part + ")"
		}
	}
	return strings.Join(parts, " + ")
}

// runtimeValue turns the value in a runtime expression into an expression, empty for one of a response.
func runtimeValue(s string) string {
	pointer, ok := strings.CutPrefix(s, "$request.body#")
	if !ok {
		if name, ok := strings.CutPrefix(s, "$request.query."); ok {
			return fmt.Sprintf("query[%q]", name)
		}
		if name, ok := strings.CutPrefix(s, "$request.header."); ok {
			return fmt.Sprintf("header[%q]", strings.ToLower(name))
		}
		if name, ok := strings.CutPrefix(s, "$request.path."); ok {
			return fmt.Sprintf("path[%q]", name)
		}
		return ""
	}
	if decoded, err := url.PathUnescape(pointer); err == nil {
		pointer = decoded
	}
	return expressionOf("body", bundle.Pointer(pointer))
}

// eventSettings is the section events of provider.yaml.
func (p *provider) eventSettings() string {
	if len(p.events) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("events:\n")
	for _, e := range p.events {
		fmt.Fprintf(&b, "  %s:\n    webhook: %s\n", quote(e.name), quote(e.webhook))
		if len(e.id) > 0 {
			fmt.Fprintf(&b, "    id: %s\n", quote(strings.Join(e.id, ".")))
		}
		if e.to != "" {
			fmt.Fprintf(&b, "    to: %s # the callback's address, from the request\n", quote(e.to))
		}
		if e.about != "" {
			fmt.Fprintf(&b, "    description: %s\n", quote(oneLine(e.about)))
		}
		if reports := p.reports(e); len(reports) > 0 {
			fmt.Fprintf(&b, "    reports: %s\n", list(reports))
		}
	}
	return b.String()
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:199]) + "…"
	}
	return s
}
