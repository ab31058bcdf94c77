// Package openapi reads providers from their directories: their operations, errors, events and signatures.
//
// A folder holds openapi.yaml (operations, their schemas and named examples, webhooks), provider.yaml (credentials,
// errors, signature, timeout, retries, events) and the event templates. From these a [Provider] routes and validates a
// request ([Provider.Match]), answers it ([Provider.Reply], [Provider.Refuse]), and renders and signs webhooks
// ([Provider.Deliver]). Everything about one service is in its directory; this package names none.
//
// It is the only package that knows kin-openapi. It holds no state, does no network I/O, and knows nothing of scenarios.
//
// # Live examples
//
// An example in the document is literal. Where a schema's property carries x-idmock-value, an expression, the mock
// replaces that property in any example that has it: so the document shows a fixed person and the mock answers with
// the person that the call asked for.
//
// # Switches
//
// What a provider's facts leave open, or what has changed over the years, is a switch of the endpoint: provider.yaml
// lists the values under switches, the default first. The switch called signature chooses among webhook.signatures, the
// one called shape among the shapes of an event; any other is for expressions, as endpoint.NAME. An endpoint gets its
// switches from a dashboard operation (dashboard.ID.switches) or from the control API.
//
// # Webhooks
//
// Bodies and headers of a delivery are templates, which see what every expression sees. Beside that there are
//
//	delivery.id   names the webhook, the same on each of its attempts
//	sent          wall time of the attempt in Unix seconds: what receivers compare with their own clock, while now is the account's
//	endpoint.id, endpoint.url, endpoint.SWITCH
//	signature     in headers only: the text that webhook.signature makes of the exact body; see [Signature]
//
// A header with the value nil is omitted.
//
// # Receivers
//
// conformance says what the checks of somebody's receiver have to know of the events beside all this: what they mean, where
// the id, the time and a name stand, and what is asked at an address before anything is sent there; see [Conformance].
//
// # Sending
//
// webhook.retry is the table of waits. Beside it, jitter moves each by a share, retry_after: honour waits as a receiver asks
// that answers 429 or 503, gone: disable takes away the webhook of one that answers 410, and registration says what is
// asked of a URL; see [Registration].
//
// # Addresses of the mock's own
//
// base, in any expression, is the provider's base URL as whoever calls reaches it, without a slash at its end: what a
// session's or a widget's address begins with. It is the request's Host, what a proxy in front forwards, or what was set.
// A webhook has no request, and says it as the account's latest call did.
//
// # Browser scripts
//
// sdk.files are stand-ins for the provider's scripts: at is the path on the real hosts, and below the prefix here. A script
// is written as the inside of a function; package mockserver/widget says what it finds in its scope. sdk.pages are the
// operations that pages of any origin may call: the real service lets them, or a script of ours has to.
//
// # Accounts and runs
//
// A call names its account by a credential in a header, in the query or in the body; where somebody else makes some of the
// calls, credential.other says what they name it by. A call that starts a run gives it a reference, a UUID or what
// runs.reference makes of one, and perhaps an alias; a call about a run finds it by the reference, or else by the alias.
package openapi
