// Package provider judges a server that claims to be a provider: whether it says what the provider's OpenAPI document
// says, and refuses what it refuses, in the provider's own words.
//
// A check names messages and a judge, both of which are words in a table (checks): "documented" are the requests that the
// document shows, "examples" its answers, one by one, and each of the others a way to spoil a request. What the provider
// has to answer to a spoilt one is not written down again: package openapi, which holds the document, is asked. Where it
// would take the request all the same, such as one whose parameters may stand anywhere, that request is left out.
//
// A check belongs here only when the mock passes it for every provider that ships, and a server with that very flaw fails
// it with a message that names the flaw; a test sees to that.
package provider
