package provider

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
)

// ErrUsage says that the target cannot be judged as it is described.
var ErrUsage = conformance.ErrUsage

// Target is a server that claims to be a provider, and how to judge it.
type Target struct {
	URL      string            // base URL, to which the document's paths are added
	Provider *openapi.Provider // whom it claims to be

	Key       string // a good key; KEY:SECRET where the provider takes Basic. Empty: one that a mock takes
	OtherKey  string // a good key of somebody else. Empty: one that a mock takes
	BadKey    string // a key that nobody has. Empty: one that looks like it
	Forbidden string // a key that is known and may do nothing

	Listen    string // where webhooks are taken, host and port; empty: nowhere, and nothing is said of them
	ListenURL string // base URL under which the server reaches that; empty: the address itself

	Names *Names // answers for names that the server asks for here; nil: what is about names is not judged

	Only, Skip []string // globs of IDs
	Core       bool
	Seed       uint64 // 0 picks one
	Strict     bool
	Version    string // of the tool
	Command    string // the command line, to repeat one check with; see [Target.Again]
	// Dial opens connections to the server. Nil: to whatever address.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// fill makes up the keys that are not given: any mock takes them, and a real service refuses them, which is told.
func (t *Target) fill() error {
	u, err := url.Parse(t.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%w: %q is no base URL: want one such as http://127.0.0.1:8080/%s", ErrUsage, t.URL, t.Provider.Name)
	}
	t.URL = strings.TrimSuffix(t.URL, "/")
	if t.Key == "" {
		t.Key = fmt.Sprintf("check-%d-a", t.Seed)
	}
	if t.OtherKey == "" {
		t.OtherKey = fmt.Sprintf("check-%d-b", t.Seed)
	}
	return nil
}

// Select lists the checks that a target asks for.
func Select(t Target) ([]*Check, error) {
	all, err := Checks()
	if err != nil {
		return nil, err
	}
	return conformance.Select(all, conformance.Selection{Only: t.Only, Skip: t.Skip, Core: t.Core})
}

// Again is the command that asks for the same, of a provider by its name or its folder, without what chooses the checks.
// Keys are named and not told: a report may be published.
func (t Target) Again(provider string) string {
	words := conformance.CommandLine{"idmock check provider", t.URL, "--provider", provider}
	words.Secret("key", t.Key)
	words.Secret("other-key", t.OtherKey)
	words.Secret("bad-key", t.BadKey)
	words.Secret("forbidden-key", t.Forbidden)
	words.Flag("listen", t.Listen, "")
	words.Flag("listen-url", t.ListenURL, "")
	return words.String()
}

// repeat is the command that makes one check again.
func (t Target) repeat(id string) string {
	command := t.Command
	if command == "" {
		command = "idmock check provider " + t.URL + " --provider " + t.Provider.Name
	}
	return conformance.Repeat(command, id, t.Seed)
}

// setKey puts a key where a client puts it. After Basic the key may have its secret with it.
func (t Target) setKey(r *http.Request, key string) {
	t.Provider.SetCredential(r, key)
	if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); scheme == "Basic" && strings.Contains(key, ":") {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(key)))
	}
}
