package sqlstore_test

import (
	"path/filepath"
	"testing"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/store/sqlstore"
	"github.com/idmock/idmock/mockserver/store/storetest"
)

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r store.Retention) store.Store {
		return open(t, filepath.Join(t.TempDir(), "test.db"), r)
	})
}

func open(t *testing.T, path string, r store.Retention) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: "sqlite:" + path, Retention: r})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
