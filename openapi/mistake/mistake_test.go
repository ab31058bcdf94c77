package mistake_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/openapi/mistake"
	"github.com/idmock/idmock/openapi/spec"
)

// A key that a document has twice is reported with its place, and does not hide the places of other faults.
func TestDuplicateKeys(t *testing.T) {
	const document = `openapi: 3.0.0
info: {title: T, version: '1'}
paths:
  /a: {get: {operationId: a, responses: {'200': {description: ok}}}}
  /b:
    get: {operationId: b, responses: {'200': {description: ok}}}
  /a:
    get: {operationId: c, responses: {'200': {description: ok}}}
`
	d, err := spec.Read([]byte(document), spec.Options{Prefix: "/-"})
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{"openapi.yaml": {Data: []byte(document)}}
	err = mistake.Locate("twice", fsys, mistake.Faults(d)...)
	if err == nil {
		t.Fatal("no faults")
	}
	for _, want := range []string{`openapi.yaml:7:3: duplicate key "/a" (first at line 4)`, `openapi.yaml:8:5: paths /a: path cannot be routed: GET /a is the same as /a`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %s", err, want)
		}
	}
}
