package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/store/sqlstore"
	"github.com/idmock/idmock/mockserver/store/storetest"
)

func execute(t *testing.T, url, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

// empty removes all rows.
const empty = `DELETE FROM idmock_docs; DELETE FROM idmock_jobs; DELETE FROM idmock_entries; DELETE FROM idmock_accounts; DELETE FROM idmock_state;
INSERT INTO idmock_state VALUES (1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)`

func TestPostgres(t *testing.T) {
	url := testenv.Postgres(t)
	shared(t, url).Close()
	storetest.Run(t, func(t *testing.T, r store.Retention) store.Store {
		execute(t, url, empty)
		s, err := sqlstore.OpenDeaf(sqlstore.Config{URL: url, Retention: r}, time.Hour) // blocked on a socket is not idle to synctest
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func shared(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
