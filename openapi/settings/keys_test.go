package settings_test

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/openapi/settings"
)

// Every unknown key is reported at once, with the one that was meant. Values that are read by their own types are not sections.
func TestUnknownKeys(t *testing.T) {
	_, err := settings.Read([]byte(`titel: Acme
credentials:
  anything: x
errors:
  invalid: {statsu: 422, body: {anything: 1}}
runs:
  - {onn: verify, subject: body.number}
webhook:
  timout: 5s
  signature: {scheme: x, secrt: y}
events:
  done: {template: done.json, descripton: It is done.}
dashboard:
  listHooks: list
`))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`unknown key "titel", did you mean "title"?`,
		`unknown key "statsu" in invalid, did you mean "status"?`,
		`unknown key "onn" in runs, did you mean "on"?`,
		`unknown key "timout" in webhook, did you mean "timeout"?`,
		`unknown key "secrt" in signature, did you mean "secret"?`,
		`unknown key "descripton" in done, did you mean "description"?`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "anything") {
		t.Errorf("a free key is reported: %v", err)
	}
	if _, err := settings.Read([]byte("title: Acme\n")); err != nil {
		t.Error(err)
	}
}
