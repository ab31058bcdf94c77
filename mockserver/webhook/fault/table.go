package fault

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/scenarios"
)

//go:embed faults.yaml
var source []byte

// Verb is the description of one fault.
type Verb struct {
	Name  string   `yaml:"name"`
	Where []string `yaml:"where"` // scenarios.InDelivery, scenarios.InReply or both
	About string   `yaml:"about"` // description, a sentence
	Args  []Arg    `yaml:"args"`
	// Drops and BeforeReply describe the effect to the scenario language; see [scenarios.FaultKind].
	Drops       bool `yaml:"drops"`
	BeforeReply bool `yaml:"before_reply"`
}

// Arg is an argument of a fault.
type Arg struct {
	Name    string   `yaml:"name"`
	Type    string   `yaml:"type"` // a key of types
	Default string   `yaml:"default"`
	Of      []string `yaml:"of"`    // values of a choice
	Where   string   `yaml:"where"` // empty for all places of the fault
	About   string   `yaml:"about"`
}

// tables is the content of faults.yaml.
type tables struct {
	Common map[string][]Arg `yaml:"common"`
	Faults []Verb           `yaml:"faults"`
	Rough  []Nuisance       `yaml:"rough"`
}

// table parses faults.yaml and adds common arguments. The embedded file is validated by tests, so parsing cannot fail.
var table = sync.OnceValue(func() tables {
	var parsed tables
	if err := yaml.NewDecoder(bytes.NewReader(source), yaml.Strict()).Decode(&parsed); err != nil {
		panic(fmt.Sprintf("faults.yaml: %v", err))
	}
	for i := range parsed.Faults {
		v := &parsed.Faults[i]
		for _, where := range v.Where {
			for _, arg := range parsed.Common[where] {
				if !slices.ContainsFunc(v.Args, func(have Arg) bool { return have.Name == arg.Name && have.Where == "" }) {
					if len(v.Where) > 1 {
						arg.Where = where
					}
					v.Args = append(v.Args, arg)
				}
			}
		}
	}
	return parsed
})

// Verbs returns all faults in the order of the table. The result is shared and must not be modified.
func Verbs() []Verb { return table().Faults }

// find returns the fault with a name, if it exists for a place.
func find(name, where string) (Verb, bool) {
	for _, v := range Verbs() {
		if v.Name == name && slices.Contains(v.Where, where) {
			return v, true
		}
	}
	return Verb{}, false
}

// arg returns an argument of the fault for a place.
func (v Verb) arg(name, where string) (Arg, bool) {
	for _, a := range v.Args {
		if a.Name == name && (a.Where == "" || a.Where == where) {
			return a, true
		}
	}
	return Arg{}, false
}

// Kinds returns the faults for a place, as the scenario language needs them. The result is shared and must not be modified.
func Kinds(where string) []scenarios.FaultKind { return kinds()[where] }

var kinds = sync.OnceValue(func() map[string][]scenarios.FaultKind {
	of := map[string][]scenarios.FaultKind{}
	for _, v := range Verbs() {
		for _, where := range v.Where {
			kind := scenarios.FaultKind{Name: v.Name, About: v.About, Drops: v.Drops, BeforeReply: v.BeforeReply}
			for _, a := range v.Args {
				if a.Where == "" || a.Where == where {
					kind.Args = append(kind.Args, scenarios.FaultArg{Name: a.Name, About: a.About, Default: a.Default, Check: a.check})
				}
			}
			of[where] = append(of[where], kind)
		}
	}
	return of
})

// Check validates the name and arguments of a fault for a place, delivery or reply.
func Check(f scenarios.Fault, where string) error {
	v, ok := find(f.Name, where)
	if !ok {
		var names []string
		for _, k := range Kinds(where) {
			names = append(names, k.Name)
		}
		return fmt.Errorf("unknown %s fault %q: use one of %s", where, f.Name, strings.Join(names, ", "))
	}
	for name, value := range f.Args {
		a, ok := v.arg(name, where)
		if !ok {
			var names []string
			for _, a := range v.Args {
				names = append(names, a.Name)
			}
			return fmt.Errorf("unknown argument %q of fault %s: use one of %s", name, f.Name, strings.Join(names, ", "))
		}
		if err := a.check(value); err != nil {
			return fmt.Errorf("argument %s of fault %s: %w", name, f.Name, err)
		}
	}
	return nil
}
