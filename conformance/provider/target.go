package provider

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
)

// ErrUsage reports an unusable description of a target.
var ErrUsage = conformance.ErrUsage

// Target is a server to test, the provider that it implements, and the settings of the run.
type Target struct {
	URL      string            // the base URL, to which the paths of the document are added
	Provider *openapi.Provider // the provider that the server implements

	Key       string // a valid key; KEY:SECRET for Basic authentication. Empty: one that mocks accept
	OtherKey  string // a valid key of another account. Empty: one that mocks accept
	BadKey    string // a key that no account has. Empty: one that the provider's directory declares invalid
	Forbidden string // a key without permissions

	Listen    string // the address for webhooks, host and port. Empty: checks that receive webhooks are inconclusive
	ListenURL string // the base URL under which the server reaches Listen. Empty: the address itself
	DNS       *DNS   // resolves host names for the server. Nil: checks of host names are inconclusive

	Only, Skip []string // globs of IDs
	Core       bool
	Seed       uint64 // 0 picks one
	Strict     bool
	Version    string // of the tool
	Command    string // the command line, from which the command that repeats a check is made: see [Target.CommandLine]
	// Dial opens connections to the server. Nil: without restrictions.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// generatedKey is the prefix of generated keys, which mocks accept and real services refuse.
const generatedKey = "check-"

// setDefaults validates the URL and generates the missing keys.
func (t *Target) setDefaults() error {
	u, err := url.Parse(t.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%w: invalid base URL %q: use one such as http://127.0.0.1:8080/%s", ErrUsage, t.URL, t.Provider.Name)
	}
	t.URL = strings.TrimSuffix(t.URL, "/")
	if t.Key == "" {
		t.Key = fmt.Sprintf("%s%d-a", generatedKey, t.Seed)
	}
	if t.OtherKey == "" {
		t.OtherKey = fmt.Sprintf("%s%d-b", generatedKey, t.Seed)
	}
	return nil
}

// Select lists the selected checks. The error is [ErrUsage] if there are none.
func Select(t Target) ([]*Check, error) {
	all, err := Checks()
	if err != nil {
		return nil, err
	}
	return conformance.Select(all, conformance.Selection{Only: t.Only, Skip: t.Skip, Core: t.Core})
}

// CommandLine returns the command of the run, for a provider's name or directory, without the selection of checks. Keys are
// omitted, because reports may be published.
func (t Target) CommandLine(provider string) string {
	command := conformance.CommandLine{"idmock check provider", t.URL, "--provider", provider}
	command.Secret("key", t.Key)
	command.Secret("other-key", t.OtherKey)
	command.Secret("bad-key", t.BadKey)
	command.Secret("forbidden-key", t.Forbidden)
	command.Flag("listen", t.Listen, "")
	command.Flag("listen-url", t.ListenURL, "")
	return command.String()
}

// repeat returns the command that repeats a check.
func (t Target) repeat(id string) string {
	command := t.Command
	if command == "" {
		command = "idmock check provider " + t.URL + " --provider " + t.Provider.Name
	}
	return conformance.Repeat(command, id, t.Seed)
}

// redactor returns a redactor for the keys of the target. Generated keys are not secrets.
func (t Target) redactor() *conformance.Redactor {
	var redactor conformance.Redactor
	for _, secret := range [][2]string{{"key", t.Key}, {"other key", t.OtherKey}, {"forbidden key", t.Forbidden}} {
		name, key := secret[0], secret[1]
		if key == "" || strings.HasPrefix(key, generatedKey) {
			continue
		}
		redactor.Add(name, key)
		redactor.Add(name, key+":secret") // for Basic authentication, a missing secret is added
		if user, password, pair := strings.Cut(key, ":"); pair {
			redactor.Add(name, user)
			redactor.Add("secret of "+name, password)
		}
	}
	redactor.AddURL(t.URL)
	redactor.AddURL(t.ListenURL)
	return &redactor
}
