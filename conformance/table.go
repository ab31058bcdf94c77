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

// ErrUsage says that a target cannot be judged as it is described: what is wrong is on the command line, not in the target.
var ErrUsage = errors.New("usage")

// entry is a check of a table: C's pointer, which holds a [Check] and finds what does not make sense in itself.
type entry[C any] interface {
	*C
	Common() *Check
	Mistakes() error
}

// Common is what all kinds of checks have in common.
func (c *Check) Common() *Check { return c }

// ReadTables reads the tables of checks, one file a group, in the order of the groups. All mistakes are told together.
func ReadTables[C any, P entry[C]](tables fs.FS) ([]P, error) {
	var all []P
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
			if err := errors.Join(c.Common().mistakes(group), c.Mistakes()); err != nil {
				problems = append(problems, fmt.Errorf("%s: %s: %w", file, c.Common().ID, err))
			}
		}
		all = append(all, table...)
	}
	return all, errors.Join(problems...)
}

// mistakes are what does not make sense in what all checks have.
func (c *Check) mistakes(group string) error {
	var problems []error
	if c.Group() != group {
		problems = append(problems, fmt.Errorf("it stands in the table of %s", group))
	}
	if !slices.Contains([]Level{Must, Should, Info}, c.Level) {
		problems = append(problems, fmt.Errorf("level %q is not known", c.Level))
	}
	for _, field := range [][2]string{{"title", c.Title}, {"why", c.Why}, {"ref", c.Ref}} {
		if strings.TrimSpace(field[1]) == "" {
			problems = append(problems, fmt.Errorf("it has no %s", field[0]))
		}
	}
	return errors.Join(problems...)
}

// Choice is which of the checks are made.
type Choice struct {
	Only, Skip []string // globs of IDs. Nothing in Only means all
	Core       bool     // only those of the core
}

// Select lists the checks that are chosen. The error is [ErrUsage] where none is.
func Select[C any, P entry[C]](all []P, choice Choice) ([]P, error) {
	fits := func(globs []string, id string) bool {
		// auth/** is as good as auth/*: IDs have two words.
		return slices.ContainsFunc(globs, func(g string) bool { return glob.Match(strings.ReplaceAll(g, "**", "*"), id) })
	}
	var chosen []P
	for _, c := range all {
		about := c.Common()
		if (len(choice.Only) == 0 || fits(choice.Only, about.ID)) && !fits(choice.Skip, about.ID) && (!choice.Core || about.Core) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: no check is selected: --list shows them", ErrUsage)
	}
	return chosen, nil
}

// Repeat is the command that makes one check again, command being the one that made them all.
func Repeat(command, id string, seed uint64) string {
	return fmt.Sprintf("%s --run %s --seed %d", command, id, seed)
}
