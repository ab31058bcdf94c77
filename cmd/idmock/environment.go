package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/idmock/idmock/internal/suggest"
)

const envPrefix = "IDMOCK_"

// serviceLinks are variables that Kubernetes and Docker set in every container beside a service called idmock.
var serviceLinks = regexp.MustCompile(`^IDMOCK_(SERVICE_(HOST|PORT)(_.*)?|PORT(_[0-9]+_(TCP|UDP)(_.*)?)?|NAME|ENV_.*)$`)

// checkEnvironment reports IDMOCK_ variables that no flag reads, all at once: a misspelt one would have no effect. Empty ones
// count as unset, as Compose files pass them, and are unset.
func checkEnvironment(k *kong.Kong) error {
	known := map[string]bool{}
	collect(k.Model.Node, known)
	var unknown []string
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || serviceLinks.MatchString(name) && !known[name] {
			continue
		}
		if value == "" {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
			continue
		}
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	names := slices.Sorted(maps.Keys(known))
	var lines []string
	for _, name := range unknown {
		line := "unknown environment variable " + name
		if closest := suggest.Closest(name, names); closest != "" {
			line += ": did you mean " + closest + "?"
		} else {
			line += ": idmock COMMAND --help lists them; rename or unset it"
		}
		lines = append(lines, line)
	}
	return untested("%s", strings.Join(lines, "\n"))
}

// collect adds the variables of the flags of a command and of those below.
func collect(n *kong.Node, known map[string]bool) {
	for _, flag := range n.Flags {
		for _, name := range flag.Envs {
			known[name] = true
		}
	}
	for _, child := range n.Children {
		collect(child, known)
	}
}
