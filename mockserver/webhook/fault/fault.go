// Package fault holds the ways in which a provider can misbehave: what is sent or answered wrongly, and how.
//
// The verbs are data: faults.yaml names them, says where each can stand and what it can be told, and everything that
// lists, judges or explains faults reads that table. What a verb does is a function of its arguments, in the stage in
// which it acts: when a delivery is planned ([Plan]), before and while it is signed ([Draft]), when it goes over the wire
// ([webhook.Message]), or when a call is answered.
//
// The package decides nothing about when a fault plays, keeps nothing and sends nothing: that is the engine's work.
package fault

import (
	"math/rand/v2"

	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/scenarios"
)

// stages is what a verb does. Most verbs act in one stage only.
type stages struct {
	plan  func(args, *Plan)
	body  func(args, *Draft, *rand.Rand) error           // before it is signed
	sign  func(args, *Draft)                             // how it is signed
	send  func(args, *webhook.Message, *rand.Rand) error // after it was signed
	reply func(args, *Answer)
	signs bool // changes nothing but the signature
}

// verbs are the verbs of the table by what they do.
var verbs = map[string]stages{
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

// Plans reports whether a fault is decided when a delivery is planned, and cannot play on an attempt any more.
func Plans(f scenarios.Fault) bool { return verbs[f.Name].plan != nil }

// Planned lays the faults over a plan, in their order.
func Planned(faults []scenarios.Fault, p *Plan) {
	for _, f := range faults {
		if do := verbs[f.Name].plan; do != nil {
			do(argsOf(f, scenarios.InDelivery), p)
		}
	}
}
