package mockserver_test

import (
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/identitypass"
)

// listed is an application that accepts webhooks from one address only, like a firewall.
func listed(t *testing.T, address string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, _ := net.SplitHostPort(r.RemoteAddr); host != address {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Webhooks have the endpoint's source address, or else the provider's, or else any.
func TestSourceAddress(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true, Sources: map[string]string{provider: "127.0.0.2"}})
	for name, c := range map[string]struct {
		provider, from, lets string
		want                 string // of the attempt's entry
		delivered            bool
	}{
		"given for the provider":    {provider, "", "127.0.0.2", "127.0.0.2", true},
		"given for the endpoint":    {provider, "127.0.0.3", "127.0.0.3", "127.0.0.3", true},
		"not on the list":           {provider, "127.0.0.4", "127.0.0.2", "127.0.0.4", false},
		"nothing given":             {"prembly", "", "127.0.0.1", "", true},
		"nothing given, and strict": {"prembly", "", "127.0.0.2", "", false},
	} {
		a := s.Account(name)
		endpoint := map[string]string{"provider": c.provider, "url": listed(t, c.lets), "from": c.from}
		if got := a.Control("POST", "/endpoints", endpoint); got.Status != 200 || got.At("from") != c.from {
			t.Fatalf("%s: %d %s", name, got.Status, got.Body)
		}
		a.Call(c.provider, bvn, number(found))
		a.Advance(time.Hour)
		attempts := mockservertest.Entries[journal.Attempt](a)
		if len(attempts) == 0 || attempts[0].From != c.want || attempts[0].Accepted != c.delivered {
			t.Errorf("%s: attempts %+v", name, attempts)
		}
		if all := map[string]int{provider: 4, "prembly": 1}[c.provider]; !c.delivered && len(attempts) != all {
			t.Errorf("%s: %d attempts, want all %d", name, len(attempts), all)
		}
	}
	for _, bad := range []string{"localhost", "0.0.0.0", "127.0.0.2:80"} {
		if got := s.Account("bad").Control("POST", "/endpoints", map[string]string{"provider": provider, "url": "http://127.0.0.1:9", "from": bad}); got.Status != 422 {
			t.Errorf("from %s: %d %s, want 422", bad, got.Status, got.Body)
		}
	}
}

// A provider directory can have a source address; the configured one wins.
func TestSourceAddressOfDirectory(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{}
	err := fs.WalkDir(identitypass.Folder, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		src, err := identitypass.Folder.ReadFile(file)
		if file == "provider.yaml" {
			src = []byte(strings.Replace(string(src), "webhook:\n  method: POST\n", "webhook:\n  method: POST\n  source: 127.0.0.5\n", 1))
		}
		folder[file] = &fstest.MapFile{Data: src}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := openapi.Open(provider, folder)
	if err != nil {
		t.Fatal(err)
	}
	var came []string
	for _, given := range []map[string]string{nil, {provider: "127.0.0.6"}} {
		s := mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true, Providers: []*openapi.Provider{p}, Sources: given})
		a, _ := with(t, s, "folder")
		a.Call(provider, bvn, number(found))
		a.Advance(time.Minute)
		for _, attempt := range mockservertest.Entries[journal.Attempt](a) {
			came = append(came, attempt.From)
		}
	}
	if diff := cmp.Diff([]string{"127.0.0.5", "127.0.0.6"}, came); diff != "" {
		t.Errorf("webhooks came from (-want +got):\n%s", diff)
	}
}

func TestSourceAddressErrors(t *testing.T) {
	for name, sources := range map[string]map[string]string{"no such provider": {"unknown": "127.0.0.2"}, "no address": {provider: "here"}} {
		if _, err := mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: providers(t), Sources: sources}); err == nil || !strings.Contains(err.Error(), "source address of") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
