package suite

import (
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/openapi"
)

// need is a property of a provider.
type need struct {
	met    func(*profile.Profile) bool
	reason string // why a check does not apply without it
}

// needs are the properties that a check may require of a provider.
var needs = map[string]*need{
	// The signature.
	"signature": {func(p *profile.Profile) bool { return p.Signing.Signs() }, "this provider's events carry no proof of their sender"},
	"body":      {func(p *profile.Profile) bool { return p.Signing.CoversBody() }, "this provider's signature does not cover the body"},
	"time":      {func(p *profile.Profile) bool { return p.Signing.CoversTime() }, "this provider's signature does not cover the time"},
	"id-signed": {func(p *profile.Profile) bool { return p.Signing.CoversID() }, "this provider's signature does not cover an id"},
	"static":    {func(p *profile.Profile) bool { return p.Signing.Signs() && !p.Signing.CoversBody() }, "this provider signs events instead of sending a constant"},
	"versioned": {func(p *profile.Profile) bool { return p.Signing.Versioned() }, "this provider's signatures have no version"},
	"encoded":   {func(p *profile.Profile) bool { return p.Signing.EncodedKey() }, "this provider's secret is not an encoded key"},
	"shared":    {func(p *profile.Profile) bool { return p.Signing.Shared() }, "this provider's receivers hold no secret"},
	"pair":      {func(p *profile.Profile) bool { return p.Signing.Signs() && !p.Signing.Shared() }, "this provider signs with a secret that its receivers hold"},
	"algorithm": {func(p *profile.Profile) bool { return p.Signing.Algorithm != "" }, "this provider's headers do not name an algorithm"},
	"weaker":    {func(p *profile.Profile) bool { return p.Weaker != nil }, "this provider never signed in a weaker way"},

	// The handshake.
	"cloudevents": {func(p *profile.Profile) bool { return p.Events.Handshake.Kind == "cloudevents" }, "this provider sends no CloudEvents"},
	"websub":      {func(p *profile.Profile) bool { return p.Events.Handshake.Kind == "websub" }, "this provider is not a WebSub hub"},
	"echo-token":  {func(p *profile.Profile) bool { return p.Events.Handshake.Kind == "echo-token" }, "this provider does not ask for a token to be echoed"},

	// The content of events.
	"both":           {(*profile.Profile).NamesBoth, "this provider's events do not name both a person and a verification, so the two cannot disagree"},
	"person":         {(*profile.Profile).NamesPerson, "this provider's events do not name the person"},
	"id":             {func(p *profile.Profile) bool { return p.Events.ID != "" }, "this provider's events have no id of their own"},
	"happened":       {func(p *profile.Profile) bool { return p.Events.Happened != "" }, "this provider's events do not contain the time of the decision"},
	"contradictions": {func(p *profile.Profile) bool { return len(p.Events.Contradictions) > 0 }, "this provider's directory names no events whose facts disagree"},
	"hits":           {func(p *profile.Profile) bool { return len(p.Events.Hits) > 0 }, "this provider's directory names no further events about a watch list"},
	"approvals":      {func(p *profile.Profile) bool { return len(p.Events.Approvals) > 0 }, "this provider's directory names no approvals with facts at the edge of their range"},
	"signals":        {func(p *profile.Profile) bool { return len(p.Events.Signals) > 0 }, "this provider's directory names no events that decide nothing"},
	"neutral":        {hasNeutral, "this provider's directory names no event that says nothing about access"},
	"precise":        {(*profile.Profile).Precise, "the times in this provider's events have no fractions of a second"},
	"text":           {func(p *profile.Profile) bool { return p.Events.Text != "" }, "this provider's directory names no member with text for people"},
	"required":       {func(p *profile.Profile) bool { return p.Events.Required != "" }, "this provider's directory names no required member"},
	"optional":       {func(p *profile.Profile) bool { return len(p.Events.Optional) > 0 }, "this provider's directory names no optional member"},
	"version":        {func(p *profile.Profile) bool { return p.Events.Version.At != "" }, "this provider's events have no version"},

	// The provider and the address.
	"api":     {func(p *profile.Profile) bool { return p.HasAPI }, "this provider's API has no operation that returns a run"},
	"start":   {func(p *profile.Profile) bool { return p.Events.Start.Operation != "" }, "this provider's directory does not name the operation that starts a verification"},
	"retries": {func(p *profile.Profile) bool { return len(p.Webhooks().Retry().Waits) > 0 }, "this provider does not retry"},
	"https":   {(*profile.Profile).HTTPS, "the receiver's URL is not https"},
	"named":   {(*profile.Profile).NamesHost, "the receiver's URL has an IP address, which is of one family only"},
}

// Family reports whether a role means all roles whose names begin with it.
func Family(role string) bool {
	return role == openapi.Contradiction || role == openapi.Signal || role == openapi.Neutral || role == openapi.Hit || role == openapi.Approval
}

func hasNeutral(p *profile.Profile) bool {
	for _, role := range p.Events.Signals {
		if role.Neutral {
			return true
		}
	}
	return false
}
