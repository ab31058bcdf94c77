package mockserver_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// An API key of a backend and a public ID of a page lead to one account, in either order.
func TestCredentialsOfOneAccount(t *testing.T) {
	t.Parallel()
	s := begin(t)
	backend := s.Account("00112233445566778899aabbccddeeff")
	page := s.Account(backend.Call(faces, "getApplication", nil).At("appId"))
	id := face(page, "enrollFace", "ada", nil).At("facialId")
	if got := backend.Call(faces, "checkFacialIDByPost", fid(id)).At("valid"); got != "true" {
		t.Errorf("the backend does not know what its page enrolled: valid is %q", got)
	}

	first := s.Account("fioa1234") // no account has this public ID yet
	id = face(first, "enrollFace", "ada", nil).At("facialId")
	if !strings.HasSuffix(id, "fioa1234") {
		t.Errorf("enrolled as %s, want it to end in the public ID fioa1234", id)
	}
	later := s.Account(credentialOf(t, first, faces, "api_key"))
	if got := later.Call(faces, "getApplication", nil).At("appId"); got != "fioa1234" {
		t.Errorf("the key that goes with fioa1234 is of the application %s", got)
	}
	if got := later.Call(faces, "checkFacialIDByPost", fid(id)).At("valid"); got != "true" {
		t.Errorf("the backend that came later does not know what its page enrolled: valid is %q", got)
	}
	accounts, err := s.Control().Accounts.Accounts(t.Context())
	if err != nil || len(accounts) != 2 {
		t.Errorf("%d accounts, want two: %v", len(accounts), err)
	}
	if err := s.Control().Accounts.Reset(t.Context(), page.Name); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("reset by the public ID, not the name of an account: %v", err)
	}
	backend.Reset()
	if got := backend.Call(faces, "getApplication", nil).At("appId"); got != page.Name {
		t.Errorf("after a reset the public ID is %s, want %s still", got, page.Name)
	}
}

// However short derived credentials are, no two accounts share one.
func TestDerivedCredentialsAreUnique(t *testing.T) {
	t.Parallel()
	var kinds []string
	for _, kind := range openapi.Kinds() {
		kinds = append(kinds, fmt.Sprintf("%s: {status: 400, body: {}}", kind))
	}
	p, err := openapi.Open("tiny", fstest.MapFS{
		"provider.yaml": {Data: []byte("title: Tiny\ncredential: {query: key}\ncredentials: {key: '${account.name}', id: 'id-${fake.hex(\"id\", 1)}', same: constant}\nerrors: {" + strings.Join(kinds, ", ") + "}\n")},
		"openapi.yaml":  {Data: []byte("openapi: 3.1.0\ninfo: {title: Tiny, version: '1'}\npaths: {/: {get: {operationId: look, responses: {'200': {description: ok, content: {application/json: {example: {}}}}}}}}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	s := new(mockservertest.Network).Start(t, mockserver.Config{Providers: []*openapi.Provider{p}, Scenarios: lintFor(t, p, "scenario: default\nprovider: tiny\nrules: [{on: look}]\n")})
	for i := range 6 {
		a := s.Account(fmt.Sprintf("key-%d", i))
		if got := a.Call("tiny", "look", nil); got.Status != 200 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
		id := credentialOf(t, a, "tiny", "id")
		if owner[id] != "" {
			t.Errorf("%s and %s are both %s", owner[id], a.Name, id)
		}
		owner[id] = a.Name
	}
}

func lintFor(t *testing.T, p *openapi.Provider, source string) []*scenarios.Scenario {
	t.Helper()
	s, err := library.Lint([]*openapi.Provider{p}, "own.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return []*scenarios.Scenario{s}
}

// credentialOf is credential for any provider.
func credentialOf(t *testing.T, a *mockservertest.Account, provider, name string) string {
	t.Helper()
	all, err := a.Server.Control().Accounts.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range all {
		if account.Name == a.Name {
			return account.Credentials[provider][name]
		}
	}
	t.Fatalf("account %q does not exist", a.Name)
	return ""
}
