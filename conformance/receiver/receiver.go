// Package receiver tests a webhook receiver: it sends valid, forged, stale, truncated, replayed and out-of-order events,
// and observes the responses and the application's reaction. [Run] returns the report.
//
// The checks are data: receiver/checks holds their YAML, package suite its language. The packages below do the work: profile
// (the provider), mutate (the content of a request), wire (its transmission), evidence (the state of the application), handshake,
// outcome. Package reference is the receiver that proves the suite: each check passes it, and finds it with a flaw.
//
// Does not belong here: mutations, encodings of a request, or knowledge of a signature scheme. This package orders the
// checks, performs their steps and gives the verdicts.
package receiver

import (
	"embed"
	"strings"
	"sync"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/suite"
	"github.com/idmock/idmock/openapi"
)

// ErrUsage is the error of a target that cannot be tested as it is described.
var ErrUsage = conformance.ErrUsage

// Check is a requirement on a receiver.
type Check = suite.Check

// Profile is a provider as its receivers see it.
type Profile = profile.Profile

// Hook reaches into the application, by a URL or a command.
type Hook = evidence.Hook

// Probe reads the application's own view of a subject.
type Probe = evidence.Probe

//go:embed checks
var tables embed.FS

// Checks lists every check, in the order of the groups.
func Checks() ([]*Check, error) { return checks() }

var checks = sync.OnceValues(func() ([]*Check, error) { return conformance.ReadTables[Check](tables) })

// Steps returns the steps of a check as its table has them; empty for an unknown check.
func Steps(id string) string {
	group, _, _ := strings.Cut(id, "/")
	table, err := tables.ReadFile("checks/" + group + ".yaml")
	if err != nil {
		return ""
	}
	_, check, _ := strings.Cut(string(table), "- id: "+id+"\n")
	check, _, _ = strings.Cut(check, "\n- id: ")
	_, steps, _ := strings.Cut(check, "  steps:\n")
	return strings.TrimRight(steps, "\n")
}

// Select lists the checks that a target asks for.
func Select(t Target) ([]*Check, error) {
	all, err := Checks()
	if err != nil {
		return nil, err
	}
	return conformance.Select(all, conformance.Selection{Only: t.Only, Skip: t.Skip, Core: t.Core})
}

// Generic lists the names of the profiles for receivers that know their sender by a common scheme only.
func Generic() []string { return profile.Generic() }

// OpenGeneric opens a profile that [Generic] lists, as a provider.
func OpenGeneric(name string) (*openapi.Provider, error) { return profile.OpenGeneric(name) }
