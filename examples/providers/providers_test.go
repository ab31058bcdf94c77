// Package providers_test drives the directories of providers with the vendors' own clients.
package providers_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/published"
	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi"
)

// providers are the directories, with the client of package.json and the document's name in the package of documents.
var providers = map[string]struct{ client, document string }{
	"stripe": {"stripe@17.7.0", "stripe.com.json"},
	"plaid":  {"plaid@13.0.0", "plaid.com.json"},
}

func TestVendorsClients(t *testing.T) {
	testenv.Need(t, "node", "npm")
	archive, err := published.Download()
	if err != nil {
		t.Fatal(err)
	}
	for name, vendor := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dir := filepath.Join(root, name)
			if err := os.CopyFS(dir, os.DirFS(name)); err != nil {
				t.Fatal(err)
			}
			helper, err := os.ReadFile("idmock.mjs")
			if err == nil {
				err = os.WriteFile(filepath.Join(root, "idmock.mjs"), helper, 0o600)
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "openapi.yaml"), document(t, archive, vendor.document), 0o600)
			}
			if err == nil {
				err = os.Symlink(filepath.Join(testenv.NPM(t, vendor.client), "node_modules"), filepath.Join(dir, "node_modules"))
			}
			if err != nil {
				t.Fatal(err)
			}
			s := serve(t, name, dir)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			test := exec.CommandContext(ctx, "node", "--test", filepath.Join(dir, "verify.test.mjs"))
			test.Env = append(os.Environ(), "IDMOCK="+s.URL(), "IDMOCK_"+strings.ToUpper(name)+"="+s.ProviderURLs()[name])
			if out, err := test.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// serve serves a directory at an address of its own.
func serve(t *testing.T, name, dir string) *mockserver.Server {
	t.Helper()
	p, err := openapi.Open(name, os.DirFS(dir))
	if err == nil {
		err = p.Validate()
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: []*openapi.Provider{p}, ProviderAddrs: map[string]string{name: "127.0.0.1:0"}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// document reads one document of the archive.
func document(t *testing.T, archive, name string) (text []byte) {
	t.Helper()
	err := published.Each(archive, func(have string, r io.Reader) (err error) {
		if have == name {
			text, err = io.ReadAll(r)
		}
		return err
	})
	if err != nil || text == nil {
		t.Fatalf("%s: no %s: %v", archive, name, err)
	}
	return text
}
