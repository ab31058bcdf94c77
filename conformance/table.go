package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/internal/glob"
)

// ErrUsage reports an unusable description of a target: the command line is at fault, not the target.
var ErrUsage = errors.New("usage")

// entry is a check of a table: a pointer to C, which embeds a [Check] and validates its own fields.
type entry[C any] interface {
	*C
	Common() *Check
	Validate() error
}

// Common returns the fields that all kinds of checks share.
func (c *Check) Common() *Check { return c }

// ReadTables reads the tables of checks, one file per group, in the order of the groups. It reports all invalid checks
// together.
func ReadTables[C any, P entry[C]](tables fs.FS) ([]P, error) {
	var checks []P
	var problems []error
	for _, group := range groups {
		file := path.Join("checks", group+".yaml")
		src, err := fs.ReadFile(tables, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var table []P
		if err := yaml.NewDecoder(bytes.NewReader(src), yaml.Strict()).Decode(&table); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, c := range table {
			if err := errors.Join(c.Common().validate(group), c.Validate()); err != nil {
				problems = append(problems, fmt.Errorf("%s: %s: %w", file, c.Common().ID, err))
			}
		}
		checks = append(checks, table...)
	}
	return checks, errors.Join(problems...)
}

// validate checks the fields that all kinds of checks share.
func (c *Check) validate(group string) error {
	var problems []error
	if c.Group() != group {
		problems = append(problems, fmt.Errorf("belongs to group %s, found in the table of %s", c.Group(), group))
	}
	if !slices.Contains([]Level{Must, Should, Info}, c.Level) {
		problems = append(problems, fmt.Errorf("unknown level %q: use MUST, SHOULD or INFO", c.Level))
	}
	for _, field := range [][2]string{{"title", c.Title}, {"why", c.Why}, {"ref", c.Ref}} {
		if strings.TrimSpace(field[1]) == "" {
			problems = append(problems, fmt.Errorf("%s is required", field[0]))
		}
	}
	return errors.Join(problems...)
}

// Selection chooses checks of a suite.
type Selection struct {
	Only, Skip []string // globs of IDs; an empty Only selects all
	Core       bool     // only the core set
}

// Select returns the selected checks. The error is [ErrUsage] if there are none.
func Select[C any, P entry[C]](checks []P, selection Selection) ([]P, error) {
	matches := func(globs []string, id string) bool {
		// IDs have two parts, so that auth/** equals auth/*.
		return slices.ContainsFunc(globs, func(g string) bool { return glob.Match(strings.ReplaceAll(g, "**", "*"), id) })
	}
	var selected []P
	for _, c := range checks {
		common := c.Common()
		if (len(selection.Only) == 0 || matches(selection.Only, common.ID)) && !matches(selection.Skip, common.ID) && (!selection.Core || common.Core) {
			selected = append(selected, c)
		}
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("%w: no check is selected: --list shows all checks", ErrUsage)
	}
	return selected, nil
}

// groups lists the groups in the order in which they run and are reported.
var groups = []string{"auth", "rotate", "body", "http", "ack", "idem", "order", "evo", "kyc", "recovery", "shake",
	"call", "example", "error", "cred", "tenant", "reg", "send"}

// Groups lists the groups in the order in which they run and are reported.
func Groups() []string { return slices.Clone(groups) }

// compareIDs orders IDs by group, then by name.
func compareIDs(a, b string) int {
	rank := func(id string) int {
		if i := slices.Index(groups, Check{ID: id}.Group()); i >= 0 {
			return i
		}
		return len(groups)
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}
