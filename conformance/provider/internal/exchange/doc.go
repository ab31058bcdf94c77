// Package exchange builds requests from a provider's OpenAPI document, mutates them, sends them, and records requests and
// responses for reports.
//
// Whether a response is right does not belong here (package evaluate), and neither do checks of several requests (package
// multicall).
package exchange
