// Package openapi reads a provider from its directory.
//
// A directory has openapi.yaml (operations, their schemas and named examples, webhooks), provider.yaml (credentials,
// errors, signature, timeout, retries, events) and the event templates. A [Provider] routes and validates a request
// ([Provider.Match]), responds to it ([Provider.Reply], [Provider.Refuse]), and renders and signs webhooks ([Webhooks]).
// The directory holds all facts about a service; nothing in this package names one.
//
// Package spec reads the document, package settings reads provider.yaml, package signing signs. This package connects
// them. It keeps no state and uses no network; scenarios, accounts and deliveries do not belong here.
//
// # Expressions in examples
//
// An example in the document is literal. The expression x-idmock-value of a property's schema replaces that property in
// every example that has it: the document shows a fixed person, and the mock responds with the requested one. A body that is
// generated from its schema has the expression, too.
//
// # Switches
//
// A switch of an endpoint covers a fact that is unknown or has changed over the years: provider.yaml lists the values
// under switches, the default first. The switch signature selects one of webhook.signatures, and shape selects one of an
// event's shapes; expressions read all of them as endpoint.NAME. A dashboard operation (dashboard.ID.switches) or the
// control API sets the switches of an endpoint.
//
// # Webhooks
//
// Bodies and headers of a delivery are templates. Beside the variables of every expression they have
//
//	delivery.id     identifies the delivery, the same on each attempt
//	delivery.event  the name of the event
//	sent          wall time of the attempt in Unix seconds, for receivers' clocks; now is the account's clock
//	endpoint.id, endpoint.url, endpoint.SWITCH
//	signature     in headers only: the signature of the exact body by webhook.signature, see package signing
//
// A header with the value nil is omitted.
//
// # Receivers
//
// conformance describes the events for the checks of a receiver: their roles, the places of id, time and a name, and the
// handshake at an address before the first event; see [Conformance].
//
// # Retries
//
// webhook.retry is the table of waits; [settings.Retry] documents the other keys of the rule. registration has the
// requirements for a URL; see [Registration].
//
// # The mock's own addresses
//
// base, in any expression, is the provider's base URL for the client, without a trailing slash: the beginning of session
// and widget addresses. It comes from the request's Host, a proxy's headers, or the configuration. A webhook uses the base
// URL of the account's latest request.
//
// # Browser scripts
//
// sdk.files replace the provider's scripts: at is the path on the real hosts, and below the prefix on the mock. A script is
// the body of a function; package mockserver/widget documents its scope. sdk.pages are the operations that pages of any
// origin may call: the real service allows it, or our script requires it.
//
// # Accounts and runs
//
// A request names its account by a credential in a header, the query or the body; credential.other covers operations with
// other clients. A request that starts a run gives it a reference (a UUID, or the value of runs.reference) and optionally
// an alias; a request about a run finds it by the reference, else by the alias.
package openapi
