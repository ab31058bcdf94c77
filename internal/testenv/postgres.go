package testenv

import (
	"crypto/rand"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Postgres returns the URL of an empty schema in a PostgreSQL database, which is dropped after the test. It skips the test under
// -short, and otherwise fails it unless TEST_POSTGRES has the URL of a database.
func Postgres(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: needs PostgreSQL")
	}
	database := os.Getenv("TEST_POSTGRES")
	if database == "" {
		t.Fatal("TEST_POSTGRES is not set: run bash .ci/test, or .ci/postgres start DIR and set it to the URL in DIR/url")
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	psql(t, database, "CREATE SCHEMA "+name)
	t.Cleanup(func() { psql(t, database, "DROP SCHEMA "+name+" CASCADE") })
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
	return u.String()
}

func psql(t testing.TB, database, statement string) {
	t.Helper()
	if out, err := exec.Command("psql", database, "--quiet", "--set", "ON_ERROR_STOP=1", "--command", statement).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", statement, err, out)
	}
}
