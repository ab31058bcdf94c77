package provider

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider/internal/evaluate"
	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/multicall"
)

// Check is a requirement on a provider. It either sends requests and evaluates each response, or runs a multicall.
type Check struct {
	conformance.Check `yaml:",inline"`
	Cause             string `yaml:"cause"`          // the most likely flaw of a server that fails
	NotApplicable     string `yaml:"not_applicable"` // the reason if the provider lacks the feature

	Requests []string `yaml:"requests"` // names of requests: see package exchange
	Evaluate string   `yaml:"evaluate"` // the name of the evaluation: see package evaluate

	Multicall string              `yaml:"multicall"` // the name of the multicall: see package multicall
	URLs      []string            `yaml:"urls"`      // the URLs that the multicall registers, with placeholders
	DNS       multicall.Addresses `yaml:"dns"`       // the addresses of the host name {name} in the URLs

	StrictTargets bool `yaml:"strict_targets"` // does not apply to servers that call local addresses, as mocks do for tests
	Slow          bool `yaml:"slow"`           // waits on the wall clock, and runs concurrently
}

// Validate checks the fields that only this kind of check has.
func (c *Check) Validate() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.Cause == "" || c.NotApplicable == "" {
		bad("cause and not_applicable are required")
	}
	for _, name := range c.Requests {
		if !exchange.IsSource(name) {
			bad("unknown requests %q", name)
		}
	}
	switch {
	case (c.Multicall == "") == (len(c.Requests) == 0):
		bad("either requests or multicall is required")
	case c.Multicall != "" && !multicall.Known(c.Multicall):
		bad("unknown multicall %q", c.Multicall)
	case c.Multicall == "" && !evaluate.Known(c.Evaluate):
		bad("unknown evaluation %q", c.Evaluate)
	}
	if multicall.NeedsURLs(c.Multicall) != (len(c.URLs) > 0) {
		bad("urls do not fit multicall %q", c.Multicall)
	}
	if named := slices.ContainsFunc(c.URLs, func(u string) bool { return strings.Contains(u, "{name}") }); named != (len(c.DNS.First) > 0) {
		bad("{name} in urls requires dns, and vice versa")
	}
	if c.Slow && c.Multicall == "" {
		bad("slow requires multicall")
	}
	return errors.Join(problems...)
}

// multicall returns the check as its multicall needs it.
func (c *Check) multicall() multicall.Case {
	return multicall.Case{ID: c.ID, NotApplicable: c.NotApplicable, URLs: c.URLs, DNS: c.DNS}
}

//go:embed checks
var tables embed.FS

// Checks lists all checks, in the order of the groups.
func Checks() ([]*Check, error) { return checks() }

var checks = sync.OnceValues(func() ([]*Check, error) { return conformance.ReadTables[Check](tables) })
