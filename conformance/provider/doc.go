// Package provider tests a server against the API contract of a provider: it must respond as the provider's OpenAPI document
// says, and refuse what the provider refuses, with the provider's own errors.
//
// A check selects requests by name and a function that evaluates each response; both are words in a YAML table (checks). Some
// requests are documented ones, others are mutations of them. The expected refusal of a mutation is not written down: package
// openapi determines it from the document. Mutations that the document accepts, or refuses for another reason, are dropped.
//
// The registration of webhooks is observed from both sides. A URL with a forbidden address must be refused; otherwise an event
// is sent, nothing may connect to the address (if it is one of this machine), and the server must report each attempt as
// blocked. If the server also refuses ordinary URLs, its refusals prove nothing. Rules for providers on the internet do not
// apply to a mock that says that it calls local addresses.
//
// A check belongs here only if the mock passes it for every provider that ships, and a server with exactly that flaw fails it
// with a message that names the flaw; a test enforces both.
//
// Tests of webhook receivers do not belong here: see package receiver.
package provider
