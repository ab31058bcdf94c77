package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/idmock/idmock/mockserver/store"
)

// readers is how many connections read a file side by side.
const readers = 4

// sqlite is a file that this process has for itself.
type sqlite struct {
	lock    *sql.DB // holds the lock of the file beside the database
	writer  *sql.DB
	readers *sql.DB
	reads   sync.Map // of the SQL of a reader's statement to its *sql.Stmt

	writing sync.Mutex
	conn    *sql.Conn            // of the writer
	writes  map[string]*sql.Stmt // of conn
}

// openSQLite opens or creates a file.
func openSQLite(path string) (_ *sqlite, err error) {
	if path == "" {
		return nil, errors.New("sqlite: requires a path, such as sqlite:idmock.db")
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("sqlite %s: the directory does not exist: create it", path)
	}
	d := &sqlite{writes: map[string]*sql.Stmt{}}
	defer func() {
		if err != nil {
			_ = d.close()
		}
	}()
	if d.lock, err = lockFile(path); err != nil {
		return nil, err
	}
	if d.writer, err = connect(path, "journal_mode(wal)", "synchronous(normal)", "busy_timeout(5000)", "cache_size(-16000)"); err != nil {
		return nil, fmt.Errorf("sqlite %s: %w", path, err)
	}
	if d.conn, err = d.writer.Conn(context.Background()); err != nil {
		return nil, fmt.Errorf("sqlite %s: %w", path, err)
	}
	if d.readers, err = connect(path, "query_only(1)", "busy_timeout(5000)"); err != nil {
		return nil, fmt.Errorf("sqlite %s: %w", path, err)
	}
	d.readers.SetMaxOpenConns(readers)
	d.readers.SetMaxIdleConns(readers)
	return d, nil
}

func connect(path string, pragmas ...string) (*sql.DB, error) {
	options := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
}

// lockFile keeps other processes from a database, for as long as the returned one is open. The operating system releases the
// lock of a process that was killed. It is the lock of a file of its own, because the database's own are taken and released.
func lockFile(path string) (*sql.DB, error) {
	db, err := connect(path+".lock", "locking_mode(exclusive)", "journal_mode(memory)", "busy_timeout(0)")
	if err != nil {
		return nil, fmt.Errorf("sqlite %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS lock (pid BIGINT); DELETE FROM lock; INSERT INTO lock VALUES ($1)", os.Getpid()); err != nil {
		_ = db.Close()
		if strings.Contains(err.Error(), "locked") || strings.Contains(err.Error(), "BUSY") {
			return nil, fmt.Errorf("sqlite %s: another process uses the file: stop it, or use postgres:// for several replicas", path)
		}
		return nil, fmt.Errorf("sqlite %s: %w", path, err)
	}
	return db, nil
}

func (d *sqlite) close() error {
	var all []error
	for _, stmt := range d.writes {
		all = append(all, stmt.Close())
	}
	d.reads.Range(func(_, stmt any) bool {
		all = append(all, stmt.(*sql.Stmt).Close())
		return true
	})
	if d.conn != nil {
		all = append(all, d.conn.Close())
	}
	for _, db := range []*sql.DB{d.readers, d.writer, d.lock} { // the lock last
		if db != nil {
			all = append(all, db.Close())
		}
	}
	return errors.Join(all...)
}

func (d *sqlite) write(do func(session) error) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.control("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := do(d); err != nil {
		return errors.Join(err, d.control("ROLLBACK"))
	}
	if err := d.control("COMMIT"); err != nil {
		_ = d.control("ROLLBACK") // it may have ended already
		return err
	}
	return nil
}

func (d *sqlite) control(text string) error {
	return d.run(&statements{[]statement{{sql: text}}})
}

// run implements session: it runs statements of the transaction of write.
func (d *sqlite) run(all *statements) error {
	for _, st := range all.list {
		stmt := d.writes[st.sql]
		if stmt == nil {
			var err error
			if stmt, err = d.conn.PrepareContext(context.Background(), sqliteDialect.names.Replace(st.sql)); err != nil {
				return fmt.Errorf("%w in %s", err, st.sql)
			}
			d.writes[st.sql] = stmt
		}
		if err := runOne(stmt, st); err != nil {
			return err
		}
	}
	return nil
}

// commit implements session. write commits.
func (d *sqlite) commit(all *statements) error { return d.run(all) }

// read ignores ctx: statements are short, and watching a context costs more than most of them.
func (d *sqlite) read(_ context.Context, all *statements) error {
	for _, st := range all.list {
		stmt, err := d.prepare(st.sql)
		if err != nil {
			return fmt.Errorf("%w in %s", err, st.sql)
		}
		if err := runOne(stmt, st); err != nil {
			return err
		}
	}
	return nil
}

// prepare returns a statement for readers that was prepared before, if possible.
func (d *sqlite) prepare(text string) (*sql.Stmt, error) {
	if have, ok := d.reads.Load(text); ok {
		return have.(*sql.Stmt), nil
	}
	stmt, err := d.readers.Prepare(sqliteDialect.names.Replace(text))
	if err != nil {
		return nil, err
	}
	if have, loaded := d.reads.LoadOrStore(text, stmt); loaded {
		_ = stmt.Close()
		return have.(*sql.Stmt), nil
	}
	return stmt, nil
}

func runOne(stmt *sql.Stmt, st statement) error {
	if st.row == nil {
		_, err := stmt.Exec(st.args...)
		return err
	}
	rows, err := stmt.Query(st.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return st.readAll(rows)
}

// explain implements database. A full disk, or one that fails, may work again.
func (d *sqlite) explain(err error) error {
	var failure *driver.Error
	if errors.As(err, &failure) {
		switch failure.Code() & 0xff {
		case lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_BUSY, lib.SQLITE_CANTOPEN, lib.SQLITE_READONLY:
			return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
	}
	return err
}
