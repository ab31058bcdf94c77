package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/idmock/idmock/mockserver/store"
)

// statementTimeout bounds a transaction, so that a connection that was cut without a sign ends it.
const statementTimeout = 15 * time.Second

var postgresDialect = dialect{
	names:     strings.NewReplacer("$bytes", "BYTEA", "$serial", "BIGINT", "$empty", "''::bytea"),
	lockState: " FOR UPDATE",
	tables:    "SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
}

// postgres is a pool of connections.
type postgres struct {
	pool *pgxpool.Pool

	mu    sync.RWMutex
	texts map[string]string // of statements, as the dialect writes them
}

// openPostgres returns a pool. It connects later.
func openPostgres(url string) (*postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("invalid postgres URL: use postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "idmock"
	}
	config.MaxConns = max(config.MaxConns, readers+4)
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return &postgres{pool: pool, texts: map[string]string{}}, nil
}

func (d *postgres) close() error {
	d.pool.Close()
	return nil
}

// text returns a statement as PostgreSQL takes it.
func (d *postgres) text(sql string) string {
	d.mu.RLock()
	text, ok := d.texts[sql]
	d.mu.RUnlock()
	if ok {
		return text
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	text = postgresDialect.names.Replace(sql)
	d.texts[sql] = text
	return text
}

// attempts is how often a transaction is made that the database asks to repeat.
const attempts = 20

func (d *postgres) write(do func(session) error) (err error) {
	for range attempts {
		if err = d.transact(do); !repeatable(err) {
			return err
		}
	}
	return err
}

// repeatable reports whether the database asks to repeat a transaction: serialization failures and deadlocks, and tables
// that another process is creating at the same time.
func repeatable(err error) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && (failure.Code == "40001" || failure.Code == "40P01" || failure.Code == "42P07" || failure.Code == "42710" ||
		failure.Code == "23505" && failure.SchemaName == "pg_catalog")
}

func (d *postgres) transact(do func(session) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout)
	defer cancel()
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // which closes it if the transaction is not over
	s := &postgresSession{db: d, conn: conn.Conn(), ctx: ctx}
	if err := do(s); err != nil {
		if s.began && !conn.Conn().IsClosed() {
			_, rollbackErr := conn.Exec(ctx, "ROLLBACK")
			err = errors.Join(err, rollbackErr)
		}
		return err
	}
	if s.ended {
		return nil
	}
	return s.commit(&statements{})
}

// postgresSession is a transaction. It begins with its first statements, and ends with its last ones, in the same round trip.
type postgresSession struct {
	db    *postgres
	conn  *pgx.Conn
	ctx   context.Context
	began bool
	ended bool
}

func (s *postgresSession) run(all *statements) error {
	if len(all.list) == 0 {
		return nil
	}
	if s.ended {
		return errors.New("statements after the end of the transaction")
	}
	if !s.began {
		s.began = true
		all = &statements{append([]statement{{sql: "BEGIN"}}, all.list...)}
	}
	return send(s.ctx, s.db, s.conn, all)
}

func (s *postgresSession) commit(all *statements) error {
	if !s.began {
		return nil
	}
	all = &statements{append(all.list[:len(all.list):len(all.list)], statement{sql: "COMMIT"})}
	if err := s.run(all); err != nil {
		return err
	}
	s.ended = true
	return nil
}

// sender is a connection or a pool.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// send runs statements in one round trip.
func send(ctx context.Context, d *postgres, to sender, all *statements) (err error) {
	var batch pgx.Batch
	for _, st := range all.list {
		batch.Queue(d.text(st.sql), st.args...)
	}
	results := to.SendBatch(ctx, &batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for _, st := range all.list {
		if st.row == nil {
			if _, err := results.Exec(); err != nil {
				return fmt.Errorf("%w in %s", err, st.sql)
			}
			continue
		}
		if err := receive(results, st); err != nil {
			return fmt.Errorf("%w in %s", err, st.sql)
		}
	}
	return nil
}

func receive(results pgx.BatchResults, st statement) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	return st.readAll(rows)
}

func (d *postgres) read(ctx context.Context, all *statements) error {
	if len(all.list) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	return send(ctx, d, d.pool, all)
}

// unreachable are classes of errors, and errors, of a server that does not serve now: connections lost, resources used up, and
// shutting down or starting. Everything else of the server's, such as a wrong password, needs a change.
var unreachable = []string{"08", "53", "57P", "58", "25006"}

// explain implements database.
func (d *postgres) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrSchema) {
		return err
	}
	var failure *pgconn.PgError
	if errors.As(err, &failure) {
		if slices.ContainsFunc(unreachable, func(code string) bool { return strings.HasPrefix(failure.Code, code) }) {
			return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
		return err
	}
	var network net.Error
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed") {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}
