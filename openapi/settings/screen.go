package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Screen is a screen of the provider's dashboard, with the labels of the real one. The page shows it from this description;
// its buttons call dashboard operations.
type Screen struct {
	Name  string   `yaml:"name" json:"name"`
	Menu  []string `yaml:"menu" json:"menu"` // the menu path, such as Settings, Merchant Profile
	About string   `yaml:"about" json:"about,omitempty"`
	Read  string   `yaml:"read" json:"read,omitempty"` // the operation that returns the current values of the fields
	// List shows the existing items of a screen with several. nil: one item, which Read returns.
	List  *ScreenList `yaml:"list" json:"list,omitempty"`
	Steps []Step      `yaml:"steps" json:"steps"` // one, or those of a wizard, in order
}

// ScreenList is a list of items with buttons for each.
type ScreenList struct {
	Operation string   `yaml:"operation" json:"operation"`
	Items     string   `yaml:"items" json:"items"` // path of the items in the response
	Show      []string `yaml:"show" json:"show"`   // members of an item to show
	Create    string   `yaml:"create" json:"create"`
	Update    *Button  `yaml:"update" json:"update,omitempty"` // repeats the steps and submits with this button
	Remove    *Button  `yaml:"remove" json:"remove,omitempty"`
}

// Step is a page of a screen.
type Step struct {
	Title  string        `yaml:"title" json:"title,omitempty"`
	About  string        `yaml:"about" json:"about,omitempty"`
	Fields []ScreenField `yaml:"fields" json:"fields,omitempty"`
	Submit *Button       `yaml:"submit" json:"submit,omitempty"` // nil: the wizard continues
	Test   *Button       `yaml:"test" json:"test,omitempty"`
}

// ScreenField is an input field.
type ScreenField struct {
	Name  string `yaml:"name" json:"name"` // path in the operation's body, with dots
	Label string `yaml:"label" json:"label"`
	Hint  string `yaml:"hint" json:"hint,omitempty"`
	// Type is text (default), url, choice, choices, check, secret, list (one text per line) or headers (name: value).
	Type   string            `yaml:"type" json:"type,omitempty"`
	Values []string          `yaml:"values" json:"values,omitempty"`
	Labels []string          `yaml:"labels" json:"labels,omitempty"` // of the values, in their order
	When   map[string]string `yaml:"when" json:"when,omitempty"`     // shown only while other fields have these values
	Mock   bool              `yaml:"mock" json:"mock,omitempty"`     // exists only on the mock
}

// Button calls an operation.
type Button struct {
	Label     string `yaml:"label" json:"label"`
	Operation string `yaml:"operation" json:"operation"`
	Mock      bool   `yaml:"mock" json:"mock,omitempty"` // exists only on the mock
	// Parameters maps path parameters of the operation to paths in the last response, or in the item of the list.
	Parameters map[string]string `yaml:"parameters" json:"parameters,omitempty"`
}

func fieldTypes() []string {
	return []string{"text", "url", "choice", "choices", "check", "secret", "list", "headers"}
}

// Operations returns the ids of the operations that the screen calls.
func (s Screen) Operations() []string {
	var ids []string
	add := func(buttons ...*Button) {
		for _, button := range buttons {
			if button != nil {
				ids = append(ids, button.Operation)
			}
		}
	}
	if s.Read != "" {
		ids = append(ids, s.Read)
	}
	if s.List != nil {
		ids = append(ids, s.List.Operation)
		add(s.List.Update, s.List.Remove)
	}
	for _, step := range s.Steps {
		add(step.Submit, step.Test)
	}
	return ids
}

// Check reports an incomplete screen and unknown field types.
func (s Screen) Check() []error {
	var problems []error
	if s.Name == "" || len(s.Menu) == 0 || len(s.Steps) == 0 {
		problems = append(problems, errors.New("name, menu and steps are required"))
	}
	for _, step := range s.Steps {
		for _, f := range step.Fields {
			if f.Type != "" && !slices.Contains(fieldTypes(), f.Type) {
				problems = append(problems, fmt.Errorf("field %s: unknown type %q: use %s", f.Name, f.Type, strings.Join(fieldTypes(), ", ")))
			}
		}
	}
	return problems
}
