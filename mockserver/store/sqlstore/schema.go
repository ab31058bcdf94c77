package sqlstore

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// dialect is how a database spells types.
type dialect struct {
	names     *strings.Replacer // of migrations
	lockState string            // ends the statement that excludes other writers
	tables    string            // a query for the names of the tables that are there
}

var sqliteDialect = dialect{
	names:  strings.NewReplacer("$bytes", "BLOB", "$serial", "INTEGER", "$empty", "x''"),
	tables: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
}

// ErrSchema reports a database that this version cannot use: its schema is newer, or another program's.
var ErrSchema = errors.New("unusable database")

const schemaTable = "idmock_schema"

// migrate brings the schema to this version. Processes that start at the same time do so one after the other.
func migrate(db database, d dialect) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	return db.write(func(s session) error {
		have, err := schemaVersion(s, d)
		if err != nil {
			return err
		}
		if have > len(files) {
			return fmt.Errorf("%w: its schema is version %d, this idmock knows %d: use a newer idmock", ErrSchema, have, len(files))
		}
		for i := have; i < len(files); i++ {
			if err := apply(s, files[i]); err != nil {
				return fmt.Errorf("migration %d: %w", i+1, err)
			}
		}
		if have == len(files) {
			return nil
		}
		return single(s, "UPDATE idmock_schema SET version = $1", len(files))
	})
}

// schemaVersion returns the version of the schema. It creates its table in an empty database.
func schemaVersion(s session, d dialect) (version int, err error) {
	var ours, others bool
	err = s.run(query(d.tables, func(scan func(...any) error) error {
		var name string
		if err := scan(&name); err != nil {
			return err
		}
		ours = ours || name == schemaTable
		others = others || !strings.HasPrefix(name, "idmock_")
		return nil
	}))
	if err != nil {
		return 0, err
	}
	if !ours && others {
		return 0, fmt.Errorf("%w: it holds tables of another program: use an empty database", ErrSchema)
	}
	if !ours {
		return 0, errors.Join(single(s, "CREATE TABLE idmock_schema (version BIGINT NOT NULL)"), single(s, "INSERT INTO idmock_schema VALUES (0)"))
	}
	version = -1
	err = s.run(query("SELECT version FROM idmock_schema", func(scan func(...any) error) error { return scan(&version) }))
	if err == nil && version < 0 {
		err = fmt.Errorf("%w: its schema has no version", ErrSchema)
	}
	return version, err
}

// apply runs the statements of a migration.
func apply(s session, file string) error {
	src, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	for text := range strings.SplitSeq(string(src), ";\n") {
		if text = strings.TrimSpace(text); text != "" {
			if err := single(s, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// single runs a statement on its own: those that are sent together are prepared before the first of them runs.
func single(s session, text string, args ...any) error {
	var one statements
	one.add(text, args...)
	return s.run(&one)
}
