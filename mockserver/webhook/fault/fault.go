// Package fault implements deliberate misbehaviour of providers, in deliveries and in replies.
//
// The table faults.yaml lists all faults with their places and arguments; lists, validation and documentation derive from
// it. A fault is a function of its arguments in one stage: planning a delivery ([Plan]), composing and signing it
// ([Draft]), sending it ([webhook.Message]), or replying to a request ([Answer]).
//
// Deciding when a fault applies, keeping state, sending and the mutations of bodies (package mutate) do not belong here.
package fault

import (
	"math/rand/v2"

	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/scenarios"
)

// stages are the functions of a fault. Most faults have one.
type stages struct {
	plan  func(args, *Plan)
	body  func(args, *Draft, *rand.Rand) error           // before signing
	sign  func(args, *Draft)                             // signature
	send  func(args, *webhook.Message, *rand.Rand) error // after signing
	reply func(args, *Answer)
	signs bool // affects only the signature
}

// implementations are the stages of each fault in the table, by name.
var implementations = map[string]stages{
	"drop":         {plan: drop},
	"delay":        {plan: delay},
	"duplicate":    {plan: duplicate},
	"replay":       {plan: replay},
	"reorder":      {plan: reorder},
	"burst":        {plan: burst},
	"before-reply": {plan: beforeReply},

	"wrong-secret":      {sign: signedWith("wrong-secret"), signs: true},
	"empty-secret":      {sign: signedWith("empty-secret"), signs: true},
	"missing-signature": {sign: signedWith("missing-signature"), signs: true},
	"rotated-secret":    {sign: rotatedSecret, signs: true},
	"other-tenant":      {sign: signedWith("other-tenant"), signs: true},
	"stale":             {sign: stale},
	"tampered":          {send: tampered},

	"unknown-field":    {body: unknownField, reply: unknownFieldReply},
	"unknown-event":    {body: unknownEvent},
	"unknown-value":    {body: unknownValue},
	"missing-required": {body: missingRequired},
	"missing-optional": {body: missingOptional},
	"truncated":        {body: truncated, reply: cutReply},
	"not-json":         {body: notJSON},
	"oversize":         {body: oversize},

	"wrong-content-type": {send: wrongContentType, reply: wrongTypeReply},
	"gzip":               {body: gzipBefore, send: gzipAfter},
	"chunked":            {send: chunked},
	"slow-drip":          {send: slowDrip, reply: slowReply},
	"cut-off":            {send: cutOff},
	"reset":              {send: reset, reply: resetReply},
	"ipv6":               {send: ipv6},

	"latency":           {reply: latency},
	"hang":              {reply: hang},
	"too-many-requests": {reply: tooManyRequests},
	"server-error":      {reply: serverError},
	"malformed":         {reply: malformed},
}

// Plans reports whether a fault acts when a delivery is planned, so that it cannot affect a pending attempt.
func Plans(f scenarios.Fault) bool { return implementations[f.Name].plan != nil }

// Planned applies the faults to a plan, in order.
func Planned(faults []scenarios.Fault, p *Plan) {
	for _, f := range faults {
		if apply := implementations[f.Name].plan; apply != nil {
			apply(argsOf(f, scenarios.InDelivery), p)
		}
	}
}
