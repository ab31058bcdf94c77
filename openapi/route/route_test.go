package route_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/idmock/idmock/openapi/route"
)

func TestFind(t *testing.T) {
	var table route.Table[string]
	for _, path := range []string{"GET /checks", "POST /checks", "GET /checks/{check-id}", "GET /checks/{id}.pdf", "POST /checks/{id}:cancel", "GET /checks/latest",
		"DELETE /checks/{id}", "GET /slash/", "GET /a/{x}/b", "GET /a/b/{y}", "GET /pair/{from}-{to}", "GET /files/{path+}", "GET /v1/{+name}/items", "GET /v1/{+name}",
		"GET /q?method=one", "GET /q?method=two", "POST /#Action=List", "POST /#Action=Drop", "GET /t/tags#keys", "DELETE /t/tags#keys", "GET /caf%C3%A9/{z}", "GET /open{brace",
		"HEAD /only", "GET /x/{a}{b}"} {
		method, path, _ := strings.Cut(path, " ")
		if err := table.Add(method, path, method+" "+path); err != nil {
			t.Fatal(err)
		}
	}
	for request, want := range map[string]string{
		"GET /checks":                         "GET /checks []",
		"HEAD /checks":                        "GET /checks []",
		"PUT /checks":                         "allow GET HEAD POST",
		"GET /checks/a1":                      "GET /checks/{check-id} [check-id=a1]",
		"DELETE /checks/a1":                   "DELETE /checks/{id} [id=a1]",
		"DELETE /checks/latest":               "DELETE /checks/{id} [id=latest]",
		"GET /checks/latest":                  "GET /checks/latest []",
		"GET /checks/a1.pdf":                  "GET /checks/{id}.pdf [id=a1]",
		"GET /checks/a.pdf.pdf":               "GET /checks/{id}.pdf [id=a.pdf]",
		"POST /checks/a1:cancel":              "POST /checks/{id}:cancel [id=a1]",
		"POST /checks/a1":                     "allow DELETE GET HEAD",
		"GET /checks/a%2Fb":                   "GET /checks/{check-id} [check-id=a/b]",
		"GET /checks/":                        "allow ",
		"GET /slash/":                         "GET /slash/ []",
		"GET /slash":                          "allow ",
		"GET /a/b/b":                          "GET /a/b/{y} [y=b]",
		"GET /a/c/b":                          "GET /a/{x}/b [x=c]",
		"GET /pair/a-b":                       "GET /pair/{from}-{to} [from=a to=b]",
		"GET /files/a/b/c":                    "GET /files/{path+} [path=a/b/c]",
		"GET /v1/projects/p/items":            "GET /v1/{+name}/items [name=projects/p]",
		"GET /v1/projects/p":                  "GET /v1/{+name} [name=projects/p]",
		"GET /q?method=two":                   "GET /q?method=two []",
		"GET /q":                              "GET /q?method=one []",
		"POST /?Action=Drop":                  "POST /#Action=Drop []",
		"GET /t/tags":                         "GET /t/tags#keys []",
		"DELETE /t/tags":                      "DELETE /t/tags#keys []",
		"GET /caf%c3%a9/1":                    "GET /caf%C3%A9/{z} [z=1]",
		"GET /open%7Bbrace":                   "GET /open{brace []",
		"GET /only":                           "allow HEAD",
		"GET /x/yz":                           "GET /x/{a}{b} [a=y b=z]",
		"GET /nowhere":                        "allow ",
		"GET /checks//" + "a":                 "allow ",
		"GET /a/" + strings.Repeat("/", 2000): "allow ",
	} {
		method, path, _ := strings.Cut(request, " ")
		r := httptest.NewRequest(method, path, nil)
		m := table.Find(r, r.URL.EscapedPath())
		got := "allow " + strings.Join(m.Allow, " ")
		if m.Found {
			var pairs []string
			for i, name := range m.Names {
				pairs = append(pairs, name+"="+m.Values[i])
			}
			got = fmt.Sprint(m.Value, " ", pairs)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", request, got, want)
		}
	}
}

func TestSamePath(t *testing.T) {
	var table route.Table[int]
	if err := table.Add("GET", "/a/{x}", 1); err != nil {
		t.Fatal(err)
	}
	if err := table.Add("GET", "/a/{y}", 2); err == nil || !strings.Contains(err.Error(), "GET /a/{y} is the same as /a/{x}") {
		t.Errorf("%v", err)
	}
}
