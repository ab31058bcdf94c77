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

	"github.com/idmock/idmock/internal/localca"
	"github.com/idmock/idmock/internal/published"
	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi"
)

// vendor is what the test of a directory needs.
type vendor struct {
	client   string // npm package, as in package.json
	document string // name in the package of documents
	realHost bool   // the client cannot be pointed elsewhere: it calls the provider's host name
}

var vendors = map[string]vendor{
	"stripe": {client: "stripe@17.7.0", document: "stripe.com.json"},
	"plaid":  {client: "plaid@13.0.0", document: "plaid.com.json"},
	"adyen":  {client: "@adyen/api-library@24.0.0", document: "adyen.com/LegalEntityService.json", realHost: true},
}

func TestVendorsClients(t *testing.T) {
	testenv.Need(t, "node", "npm")
	archive, err := published.Download()
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range vendors {
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
				err = os.WriteFile(filepath.Join(dir, "openapi.yaml"), document(t, archive, v.document), 0o600)
			}
			if err == nil {
				err = os.Symlink(filepath.Join(testenv.NPM(t, v.client), "node_modules"), filepath.Join(dir, "node_modules"))
			}
			if err != nil {
				t.Fatal(err)
			}
			s, authority := serve(t, name, dir)
			address := s.ProviderURLs()[name]
			if v.realHost {
				address = "https://" + s.HostsAddr().String()
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			test := exec.CommandContext(ctx, "node", "--test", filepath.Join(dir, "verify.test.mjs"))
			test.Env = append(os.Environ(), "IDMOCK="+s.URL(), "IDMOCK_"+strings.ToUpper(name)+"="+address, "NODE_EXTRA_CA_CERTS="+authority)
			if out, err := test.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// serve serves a directory at an address of its own, and its host names over TLS. The file has the certificate to trust.
func serve(t *testing.T, name, dir string) (s *mockserver.Server, authority string) {
	t.Helper()
	p, err := openapi.Open(name, os.DirFS(dir))
	if err == nil {
		err = p.Validate()
	}
	if err != nil {
		t.Fatal(err)
	}
	ca, err := localca.Open(t.TempDir(), p.Hosts)
	if err != nil {
		t.Fatal(err)
	}
	authority = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, ca.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: []*openapi.Provider{p}, ProviderAddrs: map[string]string{name: "127.0.0.1:0"},
		HostsAddr: "127.0.0.1:0", Certificate: ca.Certificate, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s, authority
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
