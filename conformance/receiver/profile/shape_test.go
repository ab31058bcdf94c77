package profile

import (
	"testing"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// A switch can give events another shape: places that are absent then are dropped for this receiver only.
func TestOtherShape(t *testing.T) {
	for _, folder := range catalog.Folders() {
		if folder.Name != "prembly" {
			continue
		}
		p, err := openapi.Open(folder.Name, folder.FS)
		if err != nil {
			t.Fatal(err)
		}
		profile, err := New(p, Options{URL: "http://127.0.0.1:1/hooks", Switches: map[string]string{"shape": "api-webhooks"}, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if profile.Events.Required != "" || profile.Events.Text != "/data/firstname" {
			t.Errorf("required %q and text %q: these events have no response_code, and the name at the same place", profile.Events.Required, profile.Events.Text)
		}
		if p.Conformance().Required != "/response_code" {
			t.Error("New changed the provider itself")
		}
		return
	}
	t.Fatal("no provider has the switch shape")
}
