package provider

import (
	"embed"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/idmock/idmock/conformance"
)

// Check is a requirement on a provider, with what is sent and what is wanted.
type Check struct {
	conformance.Check `yaml:",inline"`
	// Cause is what is most likely wrong in a server that fails.
	Cause string `yaml:"cause"`
	// On names the messages: see sources.go. Judge is what is looked at in each answer: see judges.go.
	On    []string `yaml:"on"`
	Judge string   `yaml:"judge"`
	// Deed is what is done instead where a check is about several calls together: see deeds.go.
	Deed string `yaml:"deed"`
	// URLs are what a deed registers, one after the other: see fill for what stands in braces.
	URLs []string `yaml:"urls"`
	// Names are the addresses of the name {name} in them, until it is registered and then. Without Then, they stay.
	Names struct {
		First []netip.Addr `yaml:"first"`
		Then  []netip.Addr `yaml:"then"`
	} `yaml:"names"`
	// Strict is a requirement on a server that is reached from the internet: one that says that it calls local addresses,
	// as a mock does for whoever tests on one machine, is not judged by it.
	Strict bool `yaml:"strict"`
	// Slow waits for wall time, and is made beside the other checks.
	Slow bool `yaml:"slow"`
	// Lacks is why the check does not apply where there is nothing to send.
	Lacks string `yaml:"lacks"`
}

// Validate checks the fields that only this kind of check has.
func (c *Check) Validate() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.Cause == "" || c.Lacks == "" {
		bad("it needs cause and lacks")
	}
	for _, name := range c.On {
		if sources[name] == nil {
			bad("no messages are called %q", name)
		}
	}
	if (c.Deed == "") == (len(c.On) == 0) || c.Deed != "" && deeds[c.Deed] == nil {
		bad("it wants either messages or a deed, and deed %q is not known", c.Deed)
	}
	if c.Deed == "" && judges[c.Judge] == nil {
		bad("judge %q is not known", c.Judge)
	}
	if urlDeeds[c.Deed] != (len(c.URLs) > 0) {
		bad("urls go with a deed that is about them, which %q is or is not", c.Deed)
	}
	if named := slices.ContainsFunc(c.URLs, func(u string) bool { return strings.Contains(u, "{name}") }); named != (len(c.Names.First) > 0) {
		bad("{name} and names want each other")
	}
	return errors.Join(problems...)
}

//go:embed checks
var tables embed.FS

// Checks lists every check, in the order of the groups.
func Checks() ([]*Check, error) { return checks() }

var checks = sync.OnceValues(func() ([]*Check, error) { return conformance.ReadTables[Check](tables) })
