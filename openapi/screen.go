package openapi

import (
	"fmt"
	"slices"
	"strings"
)

// Screen is a screen of the provider's dashboard, in the words that stand there: what somebody who knows the real one
// looks for. It is shown from this description alone; what its buttons do are the dashboard operations.
type Screen struct {
	Name  string   `yaml:"name" json:"name"`
	Menu  []string `yaml:"menu" json:"menu"` // the way to it, such as Settings, Merchant Profile
	About string   `yaml:"about" json:"about,omitempty"`
	Read  string   `yaml:"read" json:"read,omitempty"` // the operation that returns the current values of the fields
	// List shows the existing items, if several are possible. nil: one, which Read returns.
	List  *ScreenList `yaml:"list" json:"list,omitempty"`
	Steps []Step      `yaml:"steps" json:"steps"` // one, or those of a wizard, in order
}

// ScreenList is a list of items with their own buttons.
type ScreenList struct {
	Operation string   `yaml:"operation" json:"operation"`
	Items     string   `yaml:"items" json:"items"` // where they stand in its answer
	Show      []string `yaml:"show" json:"show"`   // members of each that are shown
	Create    string   `yaml:"create" json:"create"`
	Update    *Button  `yaml:"update" json:"update,omitempty"` // goes through the steps again, and submits with this
	Remove    *Button  `yaml:"remove" json:"remove,omitempty"`
}

// Step is a page of a screen.
type Step struct {
	Title  string        `yaml:"title" json:"title,omitempty"`
	About  string        `yaml:"about" json:"about,omitempty"`
	Fields []ScreenField `yaml:"fields" json:"fields,omitempty"`
	Submit *Button       `yaml:"submit" json:"submit,omitempty"` // without one, the wizard goes on
	Test   *Button       `yaml:"test" json:"test,omitempty"`
}

// ScreenField is something to fill in.
type ScreenField struct {
	Name  string `yaml:"name" json:"name"` // of the operation's body; dots for nested members
	Label string `yaml:"label" json:"label"`
	Hint  string `yaml:"hint" json:"hint,omitempty"`
	// Type is text, which is the default, url, choice, choices, check, secret, list (a text a line) or headers (name: value).
	Type   string            `yaml:"type" json:"type,omitempty"`
	Values []string          `yaml:"values" json:"values,omitempty"`
	Labels []string          `yaml:"labels" json:"labels,omitempty"` // of the values, in their order
	When   map[string]string `yaml:"when" json:"when,omitempty"`     // shown only while other fields have these values
	Mock   bool              `yaml:"mock" json:"mock,omitempty"`     // the mock's own: the real screen has no such thing
}

// Button calls an operation.
type Button struct {
	Label     string `yaml:"label" json:"label"`
	Operation string `yaml:"operation" json:"operation"`
	Mock      bool   `yaml:"mock" json:"mock,omitempty"` // as of a field
	// Parameters of the operation's path, by name: what the last answer, or the item of the list, has under that path.
	Parameters map[string]string `yaml:"parameters" json:"parameters,omitempty"`
}

// Screens are the provider's, in the order of the file.
func (p *Provider) Screens() []Screen { return p.set.Screens }

var fieldTypes = []string{"", "text", "url", "choice", "choices", "check", "secret", "list", "headers"}

// checkScreens reports names in screens that the document does not have.
func (p *Provider) checkScreens(d *document) []error {
	var problems []error
	for i, screen := range p.set.Screens {
		at := fmt.Sprint(i)
		bad := func(format string, args ...any) {
			problems = append(problems, place("provider.yaml", []string{"screens", at}, fmt.Errorf("screen %s: %w", screen.Name, fmt.Errorf(format, args...))))
		}
		if screen.Name == "" || len(screen.Menu) == 0 || len(screen.Steps) == 0 {
			bad("name, menu and steps are needed")
		}
		operations := []string{screen.Read}
		if list := screen.List; list != nil {
			operations = append(operations, list.Operation)
			for _, button := range []*Button{list.Update, list.Remove} {
				if button != nil {
					operations = append(operations, button.Operation)
				}
			}
		}
		for _, step := range screen.Steps {
			for _, button := range []*Button{step.Submit, step.Test} {
				if button != nil {
					operations = append(operations, button.Operation)
				}
			}
			for _, f := range step.Fields {
				if !slices.Contains(fieldTypes, f.Type) {
					bad("field %s: type %q is not known, want one of %s", f.Name, f.Type, strings.Join(fieldTypes[1:], ", "))
				}
			}
		}
		for _, id := range operations {
			if op := d.byID[id]; id != "" && (op == nil || !op.Dashboard) {
				bad("no operation of the dashboard is called %q", id)
			}
		}
	}
	return problems
}
