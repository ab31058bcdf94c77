package guide

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/openapi"
)

// Write prints the guide. api is the base URL at which the checks serve the provider's API.
func (g *Guide) Write(w io.Writer, api string) error {
	var b strings.Builder
	p := g.Profile
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-11s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(&b, "What a receiver of %s must do\n\n", p.Title)
	line("respond", "%s within %v, 19 of 20 within 1s, before any slow work; 4xx to what is forged or malformed, never 5xx or 3xx", strings.Join(p.Webhooks().Accept(), " or "), p.SendTimeout())
	line("repeats", "%s", g.repeats())
	line("signature", "%s", g.signature())
	if name, held, given := p.Credential(); name != "" && p.Signing.Signs() && !given {
		line("credential", "%s=%s, or pass the receiver's own with --credential", name, held)
	}
	line("event id", "%s", or(p.Events.ID, "none: a repetition is about the same run and has the same bytes"))
	line("person", "%s", or(g.Subject, "not named: remember the run that the application started"))
	line("run", "%s", or(g.Reference, "not named"))
	line("time", "%s", or(p.Events.Happened, "none: only the API shows which of two events is newer"))
	line("required", "%s", or(p.Events.Required, "nothing is known"))
	g.writeAPI(line, api)
	b.WriteString("\nAn approval, signed now\n")
	indent(&b, strings.TrimRight(g.Example.Text(), "\n"))
	fmt.Fprintf(&b, "\nEvents: only the first grants access by itself. Of the others, the differences of the body are listed.\n")
	for _, e := range g.Events {
		name := e.Role
		for family, mark := range map[string]string{openapi.Contradiction: "! ", openapi.Signal: "~ ", openapi.Hit: "+ ", openapi.Approval: "= "} {
			if member, ok := strings.CutPrefix(name, family+" "); ok {
				name = mark + member
			}
		}
		fmt.Fprintf(&b, "  %-16s %s%s\n", name, e.Name, prefixed(": ", strings.Join(e.Changes, ", ")))
	}
	b.WriteString("  ! marks facts that disagree: one of them is wrong, so none of these is an approval. ~ marks events that decide nothing.\n")
	if len(p.Events.Approvals) > 0 {
		b.WriteString("  = marks approvals, too, whose facts are at the edge of their range.\n")
	}
	b.WriteString(g.flags())
	for _, name := range slices.Sorted(maps.Keys(p.Events.Unused)) {
		fmt.Fprintf(&b, "  Not sent: %s (%s)\n", name, p.Events.Unused[name])
	}
	b.WriteString(hooks)
	_, err := io.WriteString(w, b.String())
	return err
}

// hooks describes the hooks of a check.
const hooks = `
Hooks: URLs or commands of the application, {subject} is the person, {reference} the run
  --probe    GET, responds {"status": "approved", "effects": 1}, or 404 for an unknown person
             --granted lists the states that are access; effects counts what was done for the person
  --prepare  POST, creates the person before its events, 2xx
  --start    POST, makes the application start a verification with the provider's API, 2xx
  --reset    POST, empties the application, 2xx
  --restart  POST, responds 2xx when the old process has ended; or a command
A receiver to begin with: --skeleton node, python or go. One check: --explain --run ID.
`

func (g *Guide) repeats() string {
	waits := g.Profile.Webhooks().Retry().Waits
	if len(waits) == 0 {
		return "none are documented: what is lost is lost"
	}
	texts := make([]string, len(waits))
	for i, wait := range waits {
		texts[i] = time.Duration(wait).String()
	}
	return "after " + strings.Join(texts, ", ") + " unless acknowledged; one effect, and the same response, for each event"
}

// flags describes what stays in force whatever other events say; empty if the provider reports no hits.
func (g *Guide) flags() string {
	roles := g.Profile.Events.Roles
	if roles["aml-hit"].Event == "" {
		return ""
	}
	text := "  + marks further hits of a watch list. After a hit, a later approval gives no access"
	if roles["aml-clear"].Event == "" {
		return text + ".\n"
	}
	return text + "; aml-clear ends it, and gives no access to a person who had none.\n"
}

func (g *Guide) signature() string {
	p, row := g.Profile, g.scheme()
	if !p.Signing.Signs() {
		return "none: set a header that proves the sender with --header 'NAME: VALUE'"
	}
	text := fmt.Sprintf("header %s: %s", g.Header, row.Title)
	if row.Covers != "" {
		text += fmt.Sprintf("; it covers %s, in %s", row.Covers, g.encoding())
	}
	if p.Signing.CoversTime() {
		text += "; refuse times that differ by more than 5 minutes"
	}
	return text
}

func (g *Guide) writeAPI(line func(string, string, ...any), api string) {
	if g.Starts != nil {
		line("start", "%s %s%s", g.Starts.Method, api, g.Starts.Path)
	}
	if g.Queries != nil {
		line("result", "%s %s%s: ask before granting; grant nothing while it fails", g.Queries.Method, api, g.Queries.Path)
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

func indent(b *strings.Builder, text string) {
	for l := range strings.SplitSeq(text, "\n") {
		b.WriteString("  " + strings.TrimRight(l, "\r") + "\n")
	}
}
