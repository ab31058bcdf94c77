package receiver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
)

// needs are what a profile may have, each with the reason that is told where it has not.
var needs = map[string]*need{
	// How the secret and the algorithm are known, and what is asked before anything is sent.
	"shared":      {func(p *Profile) bool { return p.Shared() }, "this provider's receivers hold no secret"},
	"pair":        {func(p *Profile) bool { return p.signature.Signs() && !p.Shared() }, "this provider signs with the secret that its receivers hold"},
	"both":        {func(p *Profile) bool { return p.namesBoth() }, "this provider's events do not name both a person and a verification, so the two cannot be mixed up"},
	"algorithm":   {func(p *Profile) bool { return p.signature.Algorithm != "" }, "this provider's headers name no algorithm that a receiver could insist on"},
	"cloudevents": {func(p *Profile) bool { return p.conf.Handshake.Kind == "cloudevents" }, "this provider sends no CloudEvents"},
	"websub":      {func(p *Profile) bool { return p.conf.Handshake.Kind == "websub" }, "this provider is no WebSub hub"},
	"echo-token":  {func(p *Profile) bool { return p.conf.Handshake.Kind == "echo-token" }, "this provider asks for no token back"},

	"signature": {func(p *Profile) bool { return p.signature.Signs() }, "nothing in this provider's events proves who sent them"},
	"body":      {func(p *Profile) bool { return p.signature.CoversBody() }, "this provider's proof does not depend on the body"},
	"time":      {func(p *Profile) bool { return p.signature.CoversTime() }, "this provider signs no time"},
	"id-signed": {func(p *Profile) bool { return p.signature.CoversID() }, "this provider signs no id"},
	"versioned": {func(p *Profile) bool { return p.signature.Versioned() }, "this provider's signatures name no version, and there is one of them"},
	"static":    {func(p *Profile) bool { return p.signature.Signs() && !p.signature.CoversBody() }, "this provider signs events; it does not send a constant"},
	"encoded":   {func(p *Profile) bool { return p.signature.EncodedKey() }, "this provider's secret is no encoded key"},
	"weaker":    {func(p *Profile) bool { return p.weaker != nil }, "this provider never signed in a weaker way"},
	"id":        {func(p *Profile) bool { return p.conf.ID != "" }, "this provider gives its events no id of their own"},
	"happened":  {func(p *Profile) bool { return p.conf.Happened != "" }, "this provider's events do not say when it happened"},
	"text":      {func(p *Profile) bool { return p.conf.Text != "" }, "this provider's folder names no text that people read"},
	"required":  {func(p *Profile) bool { return p.conf.Required != "" }, "this provider's folder names no member that must be there"},
	"optional":  {func(p *Profile) bool { return len(p.conf.Optional) > 0 }, "this provider's folder names no member that may be missing"},
	"api":       {func(p *Profile) bool { return p.finds }, "this provider's API cannot be asked for a run"},
	"start":     {func(p *Profile) bool { return p.conf.Start.Operation != "" }, "this provider's folder does not say how a verification begins"},
	"retries":   {func(p *Profile) bool { return len(p.Retry()) > 0 }, "this provider sends nothing twice"},
	"https":     {func(p *Profile) bool { return p.https }, "the receiver is not reached over https"},
	"named":     {func(p *Profile) bool { return p.named }, "the receiver's address is given as a number, which is of one kind"},
	"version":   {func(p *Profile) bool { return p.conf.Version.At != "" }, "this provider's events do not say of which version they are"},
}

type need struct {
	has    func(*Profile) bool
	reason string
}

// Lacks is why a check does not apply to receivers of this provider; empty if it does.
func (p *Profile) Lacks(c *Check) string {
	for _, name := range c.Needs {
		if role, ok := strings.CutPrefix(name, "role "); ok {
			if _, has := p.conf.Roles[role]; !has {
				return fmt.Sprintf("the folder of %s names no event for %s (%s)", p.Name, role, openapi.ConformanceRoles()[role])
			}
			continue
		}
		if n := needs[name]; !n.has(p) {
			return n.reason
		}
	}
	return ""
}

// Level is how strongly a check is required of receivers of this provider.
func (p *Profile) Level(c *Check) conformance.Level {
	for _, name := range []string{p.conf.Handshake.Kind, p.signature.Scheme} {
		if l, ok := c.Levels[name]; ok {
			return l
		}
	}
	return c.Level
}

func roleNames() []string { return slices.Sorted(maps.Keys(openapi.ConformanceRoles())) }
