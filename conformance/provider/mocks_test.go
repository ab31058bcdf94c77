package provider

import (
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/internal/dnstest"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// sample opens a made-up provider, perhaps with changes to its files, under a name.
func sample(t *testing.T, folder, name string, replacements ...string) *openapi.Provider {
	t.Helper()
	made := fstest.MapFS{}
	source := os.DirFS("../../testdata/providers/" + folder)
	err := fs.WalkDir(source, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(source, path)
		made[path] = &fstest.MapFile{Data: []byte(strings.NewReplacer(replacements...).Replace(string(text)))}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := openapi.Open(name, made)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// everyProvider is each that ships, the made-up ones, and stratus, which insists on https.
func everyProvider(t *testing.T) []*openapi.Provider {
	t.Helper()
	all, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	return append(all, sample(t, "acme", "acme"), sample(t, "umbra", "umbra"), sample(t, "nimbus", "nimbus"),
		sample(t, "nimbus", "stratus", "provider: nimbus", "provider: stratus", "api.nimbus.example", "api.stratus.example", "registration: {", "registration: {https: true, "))
}

// reachable is a public host, as far as a mock knows that was told so, which is this machine.
const reachable = "hooks.public.example"

// closed is a public host, in the same way, at a port where nobody listens.
const closed = "closed.public.example"

// mocks are two that run: one as a real provider on the internet is, and one that calls local addresses.
type mocks struct {
	strict, local *mockservertest.Server
	names         *Names
	providers     []*openapi.Provider
}

func startMocks(t *testing.T) mocks {
	t.Helper()
	names, err := ListenNames("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = names.Close() })
	rewrites, err := webhook.ParseRewrites(map[string]string{reachable: "127.0.0.1", closed: "127.0.0.1:9"})
	if err != nil {
		t.Fatal(err)
	}
	made := mocks{names: names, providers: everyProvider(t)}
	config := mockserver.Config{Providers: made.providers, Resolver: dnstest.Resolver(names.Addr()), Rewrites: rewrites}
	made.local = mockservertest.Start(t, config)
	config.StrictTargets = true
	made.strict = mockservertest.Start(t, config)
	return made
}

func (m mocks) provider(name string) *openapi.Provider {
	for _, p := range m.providers {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// target is how a provider at a base URL is judged by everything. Runs that are made at once need seeds of their own: what is
// made up is from it, and accounts of one name have one clock.
func (m mocks) target(base string, p *openapi.Provider, seed uint64) Target {
	return Target{URL: base + p.Prefix, Provider: p, Seed: seed, Strict: true, Names: m.names,
		Listen: net.JoinHostPort("127.0.0.1", "0"), ListenURL: "http://" + reachable + ":0"}
}
