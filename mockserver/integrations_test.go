package mockserver_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A public integration is right when every request that it sends is accepted, and every member that it reads is there with its type.
// testdata/clients/README.md says what the table contains, and why an integration is wrong.
func TestPublicIntegrations(t *testing.T) {
	s := begin(t)
	const most = 4 // wrong: those whose reading contradicts the vendor's pages
	faults, known := map[string][]string{}, map[string]bool{}
	for _, e := range exchanges(t, "integrations.jsonl") {
		faults[e.Integration] = append(faults[e.Integration], e.replay(t, s)...)
		known[e.Integration] = known[e.Integration] || e.Differs != ""
	}
	wrong := 0
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		if len(faults[name]) > 0 {
			wrong++
			t.Logf("%s: %s", name, strings.Join(faults[name], "; "))
		}
		if known[name] != (len(faults[name]) > 0) {
			t.Errorf("%s: the table says that it differs: %v, found: %q", name, known[name], faults[name])
		}
	}
	t.Logf("%d of %d integrations are right", len(faults)-wrong, len(faults))
	if wrong > most {
		t.Errorf("%d integrations are wrong, want at most %d", wrong, most)
	}
}

// replay sends the request of an integration and returns what is wrong about the response.
func (e exchange) replay(t *testing.T, s *mockservertest.Server) (faults []string) {
	t.Helper()
	e.refer(t, s, e.Provider)
	e.identify(t, s)
	answer := e.send(t, s, e.Provider)
	if answer.Status != http.StatusOK {
		return []string{fmt.Sprintf("%s responded %d %s", e.Path, answer.Status, answer.Body)}
	}
	for _, path := range slices.Sorted(maps.Keys(e.Reads)) {
		if got := kindAt(answer.JSON(), strings.Split(path, ".")); got != e.Reads[path] {
			faults = append(faults, fmt.Sprintf("%s: %s is %q, read as %s", e.Path, path, got, e.Reads[path]))
		}
	}
	return faults
}

// identify replaces the names of credentials, of a session and of a face by those of the account.
func (e *exchange) identify(t *testing.T, s *mockservertest.Server) {
	t.Helper()
	names := []string{}
	replaces := func(name string) bool { return strings.Contains(e.Path+string(e.Body), "{"+name+"}") }
	for _, name := range []string{"public_key", "widget_id", "widget_key"} {
		if replaces(name) {
			names = append(names, "{"+name+"}", keyOf(t, s, e.Provider, name))
		}
	}
	if replaces("session") {
		started := exchange{Method: "POST", Path: "/api/v1/checker-widget/sdk/sessions/initiate/", Body: json.RawMessage(fmt.Sprintf(
			`{"first_name":"a","last_name":"b","email":"a@example.com","widget_id":%q,"widget_key":%q}`,
			keyOf(t, s, e.Provider, "widget_id"), keyOf(t, s, e.Provider, "widget_key")))}
		names = append(names, "{session}", started.send(t, s, e.Provider).At("data.session_id"))
	}
	if replaces("fid") {
		enrolled := exchange{Method: "POST", Path: "/sdk/enroll", Body: json.RawMessage(fmt.Sprintf(`{"appId":%q,"face":"ada"}`, keyOf(t, s, e.Provider, "public_id")))}
		names = append(names, "{fid}", enrolled.send(t, s, e.Provider).At("facialId"))
	}
	if len(names) > 0 {
		replaced := strings.NewReplacer(names...)
		e.Path = replaced.Replace(e.Path)
		if e.Body != nil {
			e.Body = json.RawMessage(replaced.Replace(string(e.Body)))
		}
	}
}

// keyOf returns a credential of the tables' account, which a request opens.
func keyOf(t *testing.T, s *mockservertest.Server, provider, name string) string {
	t.Helper()
	exchange{Method: "GET", Path: "/checkfacialid?key=" + clientsAccount + "&fid=1", Headers: map[string]string{"X-Api-Key": clientsAccount}}.send(t, s, provider)
	got := s.DefaultAccount().Control("GET", "/accounts/"+clientsAccount, nil)
	value := got.At("credentials." + provider + "." + name)
	if value == "" {
		t.Fatalf("%s has no %s: %d %s", provider, name, got.Status, got.Body)
	}
	return value
}
