package sqlstore

import (
	"context"
	"errors"
)

// database is a dialect's connection. Its methods are safe for concurrent use.
type database interface {
	// Write runs do in a transaction that excludes other writers from its first statement on, and commits it. It rolls back if
	// do fails. do may be called again, from the beginning, if the database asks for that.
	write(do func(session) error) error
	// Read runs statements without a transaction.
	read(ctx context.Context, s *statements) error
	// Explain returns an error that is store.ErrUnavailable if the database cannot be reached.
	explain(err error) error
	close() error
}

// session runs statements of a transaction.
type session interface {
	run(s *statements) error
	// Commit runs the last statements, and may end the transaction with them.
	commit(s *statements) error
}

// statements are sent together where the dialect can.
type statements struct{ list []statement }

type statement struct {
	sql  string
	args []any
	row  func(scan func(...any) error) error // nil for a statement without rows
}

func (s *statements) add(sql string, args ...any) {
	s.list = append(s.list, statement{sql: sql, args: args})
}

// query adds a statement with rows; row is called for each.
func (s *statements) query(sql string, row func(scan func(...any) error) error, args ...any) {
	s.list = append(s.list, statement{sql: sql, args: args, row: row})
}

// query is a single statement with rows.
func query(sql string, row func(scan func(...any) error) error, args ...any) *statements {
	return &statements{[]statement{{sql: sql, args: args, row: row}}}
}

// errStop ends the rows of a query early.
var errStop = errors.New("enough rows")

// rows are the result of a query in either driver.
type rows interface {
	Next() bool
	Scan(...any) error
	Err() error
}

// readAll calls the statement's row for each row, until it ends them early.
func (st statement) readAll(all rows) error {
	for all.Next() {
		if err := st.row(all.Scan); err != nil {
			if errors.Is(err, errStop) {
				return nil
			}
			return err
		}
	}
	return all.Err()
}

// text is a string as it is stored: bytes, which compare byte by byte and may be any.
func text(s string) []byte { return append(make([]byte, 0, len(s)), s...) }

// stored returns bytes as they are stored: never null.
func stored(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
