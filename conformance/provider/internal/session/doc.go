// Package session drives a server under test: it registers webhooks in the provider's dashboard, and calls the control API if
// the server is an idmock.
//
// Requirements do not belong here: package multicall has the checks that use a session.
package session
