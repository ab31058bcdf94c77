package fault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/scenarios"
)

// Nuisance is a switch of a rough server: something that goes wrong now and then, with everything.
type Nuisance struct {
	Name   string    `yaml:"name"`
	About  string    `yaml:"about"`
	Faults []Nuisant `yaml:"faults"` // one of which plays each time; none: it is no fault of an answer or a delivery
}

// Nuisant is a fault that a nuisance may be.
type Nuisant struct {
	Name  string            `yaml:"name"`
	Where string            `yaml:"where"`
	Args  map[string]string `yaml:"args"`
}

// OddIDs is the nuisance that is not a fault: the references of runs have other shapes.
const OddIDs = "odd-ids"

// Nuisances lists what there is, in the order of the table.
func Nuisances() []Nuisance { return table().Rough }

// NuisanceNames lists the names of what there is.
func NuisanceNames() []string {
	var names []string
	for _, n := range Nuisances() {
		names = append(names, n.Name)
	}
	return names
}

// CheckNuisances says which names are none of a nuisance.
func CheckNuisances(names []string) error {
	for _, name := range names {
		if !slices.Contains(NuisanceNames(), name) {
			return fmt.Errorf("no nuisance is called %q, want some of %s", name, strings.Join(NuisanceNames(), ", "))
		}
	}
	return nil
}

// On lists the faults of a nuisance for a place.
func (n Nuisance) On(where string) []scenarios.Fault {
	var all []scenarios.Fault
	for _, f := range n.Faults {
		if f.Where == where {
			all = append(all, scenarios.Fault{Name: f.Name, Args: f.Args})
		}
	}
	return all
}
