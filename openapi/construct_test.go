package openapi_test

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/infer"
	"github.com/idmock/idmock/openapi/spec"
)

//go:embed testdata/constructs.yaml
var constructsDocument string

// inferred opens a provider of which only the document was written.
func inferred(t *testing.T, document string) *openapi.Provider {
	t.Helper()
	d, err := spec.Read([]byte(document), spec.Options{Prefix: "/-"})
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{"openapi.yaml": {Data: []byte(document)}}
	for name, text := range infer.Directory("inferred", d, infer.Options{}) {
		fsys[name] = &fstest.MapFile{Data: text}
	}
	p, err := openapi.Open("inferred", fsys)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every construct that OpenAPI allows is served.
func TestConstructs(t *testing.T) {
	const multi = "Content-Type: multipart/form-data; boundary=cut"
	part := func(name, more, body string) string {
		return "--cut\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n" + body + "\r\n"
	}
	const file, asJSON = "; filename=\"a.jpg\"\r\nContent-Type: image/jpeg", "\r\nContent-Type: application/json"
	user := part("user", asJSON, `{"name":"Ada"}`)
	cases := []struct {
		name, method, path string
		header             string
		body               string
		want               string // the operation, its path parameters and body; or the field that is refused and part of the message
		reply              string // status and body
	}{
		{"a parameter with a hyphen", "GET", "/checks/a1", "", "", `getCheck {"check-id":"a1"} null`, `200 {"id":"a1"}`},
		{"a concrete path before a template", "GET", "/checks/latest", "", "", `latestCheck null null`, `200 {"id":"a1"}`},
		{"a suffix", "GET", "/checks/a1.pdf", "", "", `getCheckPDF {"id":"a1"} null`, `200 %PDF-1.7`},
		{"a verb, and no operationId", "POST", "/checks/a1:cancel", "", "", `postChecksByIdCancel {"id":"a1"} null`, `202 `},
		{"an encoded slash", "GET", "/checks/a%2Fb", "", "", `getCheck {"check-id":"a/b"} null`, `200 {"id":"a1"}`},
		{"a trailing slash", "GET", "/checks/a1/", "", "", `trailing {"id":"a1"} null`, `200 {"id":"a1"}`},
		{"the base path of servers", "GET", "/v2/checks/a1", "", "", `getCheck {"check-id":"a1"} null`, `200 {"id":"a1"}`},
		{"no content", "DELETE", "/checks/a1", "", "", `deleteCheck {"check-id":"a1"} null`, `204 `},
		{"a duplicate operationId, and a reference with percent signs", "GET", "/twice/a1", "", "", `getCheck_2 {"id":"a1"} null`, `200 {"id":"a1"}`},
		{"a fragment in a path, and a status 2XX", "POST", "/checks", "", `{"nin":"1"}`, `searchChecks null {"nin":"1"}`, `200 {"id":"a1"}`},
		{"the closest alternative is named", "POST", "/checks", "", `{"bvn":"12"}`, `refused bvn: `, ``},
		{"repeated parameters", "GET", "/checks?status=open&status=done", "", "", `listChecks null null`, `200 {"id":"a1"}`},
		{"a repeated parameter with a wrong value", "GET", "/checks?status=open&status=shut", "", "", `refused status`, ``},
		{"values with commas", "GET", "/checks?ids=1,2", "", "", `listChecks null null`, `200 {"id":"a1"}`},
		{"values with commas, one wrong", "GET", "/checks?ids=1,x", "", "", `refused ids`, ``},
		{"other delimiters", "GET", "/checks?piped=a%7Cb&spaced=a%20b", "", "", `listChecks null null`, `200 {"id":"a1"}`},
		{"a name with brackets", "GET", "/checks?filter[reference-id]=r1", "", "", `listChecks null null`, `200 {"id":"a1"}`},
		{"a deep object", "GET", "/checks?page[size]=10", "", "", `listChecks null null`, `200 {"id":"a1"}`},
		{"a deep object with a wrong value", "GET", "/checks?page[size]=ten", "", "", `refused page`, ``},
		{"JSON in a parameter", "GET", `/checks?both=%7B%22a%22:1%7D`, "", "", `listChecks null null`, `200 {"id":"a1"}`},
		{"JSON in a parameter that lacks a field", "GET", `/checks?both=%7B%7D`, "", "", `refused both`, ``},
		{"arrays and objects in a form, and a response for every status", "POST", "/forms", form, "types=a&types=b&metadata[k]=v&age=3&ok=true",
			`postForm null {"age":3,"metadata":{"k":"v"},"ok":true,"types":["a","b"]}`, `200 {"id":"a1"}`},
		{"a wrong value in a form", "POST", "/forms", form, "age=three", `refused age`, ``},
		{"files and a JSON part", "POST", "/uploads", multi, user + part("liveness", file, "\xff1") + part("liveness", file, "2") + part("consent", "", "true") + "--cut--\r\n",
			`upload null {"consent":true,`, `200 {"id":"a1"}`},
		{"a file too few", "POST", "/uploads", multi, user + part("liveness", file, "1") + "--cut--\r\n", `refused liveness`, ``},
		{"a JSON part that lacks a field", "POST", "/uploads", multi, part("user", asJSON, `{}`) + part("liveness", file, "1") + part("liveness", file, "2") + "--cut--\r\n", `refused user.name`, ``},
		{"any media type", "POST", "/any", "Content-Type: application/x-own", "\xff\x00", `postAny null`, `200 {"id":"a1"}`},
		{"JSON of a vendor's type", "POST", "/vendor", "Content-Type: application/vnd.api+json", `{"data":1}`, `postVendor null {"data":1}`, `200 {"id":"a1"}`},
		{"JSON of a vendor's type that lacks a field", "POST", "/vendor", "Content-Type: application/vnd.api+json", `{}`, `refused data`, ``},
		{"bytes in, text out", "PUT", "/image", "Content-Type: image/jpeg", "\xff\xd8", `putImage null`, `200 hello`},
		{"bytes of another type", "PUT", "/image", "Content-Type: image/png", "\xff\xd8", `refused Content-Type`, ``},
	}
	for ending, p := range map[string]*openapi.Provider{
		"as it is":          inferred(t, constructsDocument),
		"with CRLF and BOM": inferred(t, "\ufeff"+strings.ReplaceAll(constructsDocument, "\n", "\r\n")),
	} {
		t.Run(ending, func(t *testing.T) {
			for _, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					understood, reply := called(t, p, request(c.method, "/inferred"+c.path, c.body, c.header))
					if !strings.HasPrefix(understood, c.want) || reply != c.reply {
						t.Errorf("understood as %q, want %q; reply %q, want %q", understood, c.want, reply, c.reply)
					}
				})
			}
		})
	}
}

// called says how the provider understands a request, or what it refuses, and the status and body of its reply.
func called(t *testing.T, p *openapi.Provider, r *http.Request) (understood, reply string) {
	t.Helper()
	call, err := p.Match(r)
	var refused *openapi.Error
	if errors.As(err, &refused) {
		return "refused " + refused.Field + ": " + refused.Message, ""
	}
	if err != nil {
		t.Fatal(err)
	}
	path, _ := json.Marshal(call.Path)
	body, _ := json.Marshal(call.Body)
	sent, err := p.Reply(call.Operation, "", nil, scopeOf("", call.Body))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %s %s", call.Operation.ID, path, body), fmt.Sprintf("%d %s", sent.Status, sent.Body)
}
