// Package provider judges a server that claims to be a provider: whether it says what the provider's OpenAPI document
// says, and refuses what it refuses, in the provider's own words.
//
// A check names messages and a judge, both of which are words in a table (checks): "documented" are the requests that the
// document shows, "examples" its answers, one by one, and each of the others a way to spoil a request. What the provider
// has to answer to a spoilt one is not written down again: package openapi, which holds the document, is asked. Where it
// would take the request all the same, such as one whose parameters may stand anywhere, that request is left out.
//
// What a provider registers in its dashboard is judged from both sides. A URL that leads where no webhook may go is refused, or
// an event is played to it: then nobody may come to where it leads, which is this machine wherever that can be seen, and the
// server itself has to say of each attempt that it was not allowed. Where what nothing speaks against is refused, too, a refusal
// says nothing. The rules for providers on the internet do not apply to a mock that says that it calls local addresses.
//
// A check belongs here only when the mock passes it for every provider that ships, and a server with that very flaw fails
// it with a message that names the flaw; a test sees to that.
package provider
