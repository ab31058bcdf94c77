// Package inbox receives the webhooks of a provider under test, and detects connections to addresses that no webhook may
// reach.
//
// It neither registers webhooks (package session) nor evaluates them (package multicall).
package inbox
