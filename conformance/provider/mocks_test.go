package provider

import (
	"io/fs"
	"log/slog"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/internal/dnstest"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// sample opens a sample provider under a name, with replacements in its files.
func sample(folder, name string, replacements ...string) (*openapi.Provider, error) {
	files := fstest.MapFS{}
	source := os.DirFS("../../testdata/providers/" + folder)
	err := fs.WalkDir(source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(source, path)
		files[path] = &fstest.MapFile{Data: []byte(strings.NewReplacer(replacements...).Replace(string(text)))}
		return err
	})
	if err != nil {
		return nil, err
	}
	return openapi.Open(name, shortened{files})
}

// shortTimeout is how long the providers of these tests wait for a response: the check of it waits as long.
var shortTimeout = regexp.MustCompile(`(?m)^(  timeout: )(?:[5-9]|[1-9][0-9])s`)

// shortened is a provider directory with a short timeout for webhooks.
type shortened struct{ fs.FS }

// ReadFile implements [fs.ReadFileFS].
func (s shortened) ReadFile(name string) ([]byte, error) {
	src, err := fs.ReadFile(s.FS, name)
	if err == nil && name == "provider.yaml" {
		src = shortTimeout.ReplaceAll(src, []byte("${1}3s"))
	}
	return src, err
}

// everyProvider opens the providers that ship, the sample ones, and stratus, which registers only https. All tests share
// them: reading their documents takes long.
var everyProvider = sync.OnceValues(func() (all []*openapi.Provider, err error) {
	for _, f := range catalog.Folders() {
		p, err := openapi.Open(f.Name, shortened{f.FS})
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	for _, s := range [][]string{{"acme", "acme"}, {"umbra", "umbra"}, {"nimbus", "nimbus"},
		{"nimbus", "stratus", "provider: nimbus", "provider: stratus", "api.nimbus.example", "api.stratus.example", "registration: {", "registration: {https: true, "}} {
		p, err := sample(s[0], s[1], s[2:]...)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
})

// reachable is a public host that the mocks resolve to this machine.
const reachable = "hooks.public.example"

// closed is a public host that the mocks resolve to a port without a listener.
const closed = "closed.public.example"

// mocks are two running mocks: a strict one, like a provider on the internet, and one that calls local addresses.
type mocks struct {
	strict, local *mockservertest.Server
	dns           *DNS
	providers     []*openapi.Provider
}

func startMocks(t *testing.T) mocks {
	t.Helper()
	dns, err := ListenDNS("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dns.Close() })
	rewrites, err := webhook.ParseRewrites(map[string]string{reachable: "127.0.0.1", closed: "127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	providers, err := everyProvider()
	if err != nil {
		t.Fatal(err)
	}
	m := mocks{dns: dns, providers: providers}
	// Without their logs, which would bury what a check found.
	config := mockserver.Config{Providers: m.providers, Resolver: dnstest.Resolver(dns.Addr()), Rewrites: rewrites, Logger: slog.New(slog.DiscardHandler)}
	m.local = mockservertest.Start(t, config)
	config.StrictTargets = true
	m.strict = mockservertest.Start(t, config)
	return m
}

func (m mocks) provider(name string) *openapi.Provider {
	for _, p := range m.providers {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// target returns the target for all checks of a provider. Concurrent runs need different seeds, from which keys are
// generated, because an account has one clock.
func (m mocks) target(base string, p *openapi.Provider, seed uint64) Target {
	return Target{URL: base + p.Prefix, Provider: p, Seed: seed, Strict: true, DNS: m.dns,
		Listen: net.JoinHostPort("127.0.0.1", "0"), ListenURL: "http://" + reachable + ":0"}
}
