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

// Verb is one way to misbehave, as the table says it.
type Verb struct {
	Name  string   `yaml:"name"`
	Where []string `yaml:"where"` // scenarios.InDelivery, scenarios.InReply or both
	About string   `yaml:"about"` // a sentence for people
	Args  []Arg    `yaml:"args"`
}

// Arg is something that a verb can be told.
type Arg struct {
	Name    string   `yaml:"name"`
	Type    string   `yaml:"type"` // a key of types
	Default string   `yaml:"default"`
	Of      []string `yaml:"of"`    // what a choice can be
	Where   string   `yaml:"where"` // empty: wherever the verb can stand
	About   string   `yaml:"about"`
}

// tables is what stands in faults.yaml.
type tables struct {
	Common map[string][]Arg `yaml:"common"`
	Faults []Verb           `yaml:"faults"`
	Rough  []Nuisance       `yaml:"rough"`
}

// table is what faults.yaml says, with the arguments that all verbs take. It is part of the binary: that it can be read
// is proved by this package's tests.
var table = sync.OnceValue(func() tables {
	var read tables
	if err := yaml.NewDecoder(bytes.NewReader(source), yaml.Strict()).Decode(&read); err != nil {
		panic(fmt.Sprintf("faults.yaml: %v", err))
	}
	for i := range read.Faults {
		v := &read.Faults[i]
		for _, where := range v.Where {
			for _, arg := range read.Common[where] {
				if !slices.ContainsFunc(v.Args, func(have Arg) bool { return have.Name == arg.Name && have.Where == "" }) {
					if len(v.Where) > 1 {
						arg.Where = where
					}
					v.Args = append(v.Args, arg)
				}
			}
		}
	}
	return read
})

// Verbs lists every verb, in the order of the table. The result is shared and must not be changed.
func Verbs() []Verb { return table().Faults }

// find returns the verb of a name for a place.
func find(name, where string) (Verb, bool) {
	for _, v := range Verbs() {
		if v.Name == name && slices.Contains(v.Where, where) {
			return v, true
		}
	}
	return Verb{}, false
}

// arg returns an argument of the verb in a place.
func (v Verb) arg(name, where string) (Arg, bool) {
	for _, a := range v.Args {
		if a.Name == name && (a.Where == "" || a.Where == where) {
			return a, true
		}
	}
	return Arg{}, false
}

// Kinds lists the verbs for a place as scenario files need them.
func Kinds(where string) []scenarios.FaultKind {
	var all []scenarios.FaultKind
	for _, v := range Verbs() {
		if !slices.Contains(v.Where, where) {
			continue
		}
		kind := scenarios.FaultKind{Name: v.Name, About: v.About}
		for _, a := range v.Args {
			if a.Where == "" || a.Where == where {
				kind.Args = append(kind.Args, scenarios.FaultArg{Name: a.Name, About: a.About, Default: a.Default, Check: a.check})
			}
		}
		all = append(all, kind)
	}
	return all
}

// Check says what is wrong with a fault that is to be put on a delivery or a reply: its name, or one of its arguments.
func Check(f scenarios.Fault, where string) error {
	v, ok := find(f.Name, where)
	if !ok {
		var names []string
		for _, k := range Kinds(where) {
			names = append(names, k.Name)
		}
		return fmt.Errorf("no fault on a %s is called %q, want one of %s", where, f.Name, strings.Join(names, ", "))
	}
	for name, value := range f.Args {
		a, ok := v.arg(name, where)
		if !ok {
			var names []string
			for _, a := range v.Args {
				names = append(names, a.Name)
			}
			return fmt.Errorf("the fault %s has no argument %q, it has %s", f.Name, name, strings.Join(names, ", "))
		}
		if err := a.check(value); err != nil {
			return fmt.Errorf("%s of the fault %s: %w", name, f.Name, err)
		}
	}
	return nil
}
