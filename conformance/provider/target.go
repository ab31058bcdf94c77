package provider

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/openapi"
)

// ErrUsage says that the target cannot be judged as it is described.
var ErrUsage = errors.New("usage")

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
	Command    string // the command line, to repeat one check with
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
	any := func(globs []string, id string) bool {
		return slices.ContainsFunc(globs, func(g string) bool { return glob.Match(strings.ReplaceAll(g, "**", "*"), id) })
	}
	var chosen []*Check
	for _, c := range all {
		if (len(t.Only) == 0 || any(t.Only, c.ID)) && !any(t.Skip, c.ID) && (!t.Core || c.Core) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: no check is selected: --list shows them", ErrUsage)
	}
	return chosen, nil
}

// repeat is the command that makes one check again.
func (t Target) repeat(id string) string {
	command := t.Command
	if command == "" {
		command = "idmock check provider " + t.URL + " --provider " + t.Provider.Name
	}
	return fmt.Sprintf("%s --run %s --seed %d", command, id, t.Seed)
}

// setKey puts a key where a client puts it. After Basic the key may have its secret with it.
func (t Target) setKey(r *http.Request, key string) {
	t.Provider.SetCredential(r, key)
	if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); scheme == "Basic" && strings.Contains(key, ":") {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(key)))
	}
}
