package fault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/scenarios"
)

// Nuisance is a group of faults that a rough server applies at random.
type Nuisance struct {
	Name   string    `yaml:"name"`
	About  string    `yaml:"about"`
	Faults []Nuisant `yaml:"faults"` // one is applied each time; empty if it is not a fault
}

// Nuisant is one fault of a nuisance.
type Nuisant struct {
	Name  string            `yaml:"name"`
	Where string            `yaml:"where"`
	Args  map[string]string `yaml:"args"`
}

// OddIDs is the nuisance that is not a fault but changes the format of references.
const OddIDs = "odd-ids"

// Nuisances returns all nuisances in the order of the table.
func Nuisances() []Nuisance { return table().Rough }

// NuisanceNames returns the names of all nuisances.
func NuisanceNames() []string {
	var names []string
	for _, n := range Nuisances() {
		names = append(names, n.Name)
	}
	return names
}

// CheckNuisances returns an error for unknown names.
func CheckNuisances(names []string) error {
	for _, name := range names {
		if !slices.Contains(NuisanceNames(), name) {
			return fmt.Errorf("unknown nuisance %q: use some of %s", name, strings.Join(NuisanceNames(), ", "))
		}
	}
	return nil
}

// On returns the faults of a nuisance for a place.
func (n Nuisance) On(where string) []scenarios.Fault {
	var faults []scenarios.Fault
	for _, f := range n.Faults {
		if f.Where == where {
			faults = append(faults, scenarios.Fault{Name: f.Name, Args: f.Args})
		}
	}
	return faults
}
