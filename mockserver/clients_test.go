package mockserver_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// exchange is a line of a table under testdata/clients: a request of a public client and what it reads.
type exchange struct {
	Provider     string // default: prembly
	Method, Path string
	MediaType    string `json:"media_type"` // default: JSON
	Body         json.RawMessage
	Key          string            // the member of the response with the record
	List         bool              // the record is a list
	Reads        map[string]string // types of members, by path: string, number, boolean, object, array, any
	Says         map[string]string // texts of the response, as published or recorded
	Status       int               // 0 is 200
	Confidence   string
	Headers      map[string]string // default: a live key
	Integration  string            // who sends it
	Differs      string            // why the response is not what the client reads
}

// clientsAccount is the account that the key of the tables opens.
const clientsAccount = "live_sk_clients"

func exchanges(t *testing.T, file string) []exchange {
	t.Helper()
	f, err := os.Open("../testdata/clients/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []exchange
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// send sends the request of an exchange, in its media type. In a form, images are files.
func (e exchange) send(t *testing.T, s *mockservertest.Server, provider string) mockservertest.Answer {
	t.Helper()
	mediaType, body := cmp.Or(e.MediaType, jsonType), bytes.NewBuffer(e.Body)
	if mediaType != jsonType {
		var fields map[string]any
		if err := json.Unmarshal(e.Body, &fields); err != nil {
			t.Fatal(err)
		}
		mediaType, body = form(t, mediaType, fields)
	}
	r, err := http.NewRequestWithContext(t.Context(), e.Method, s.URL()+"/"+provider+e.Path, body)
	if err != nil {
		t.Fatal(err)
	}
	if e.Headers == nil {
		r.Header.Set("X-Api-Key", clientsAccount)
	}
	if e.Body != nil {
		r.Header.Set("Content-Type", mediaType)
	}
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	return s.Do(r)
}

func form(t *testing.T, mediaType string, fields map[string]any) (contentType string, body *bytes.Buffer) {
	t.Helper()
	if mediaType != "multipart/form-data" {
		values := url.Values{}
		for name, value := range fields {
			values.Set(name, fmt.Sprint(value))
		}
		return mediaType, bytes.NewBufferString(values.Encode())
	}
	body = new(bytes.Buffer)
	w := multipart.NewWriter(body)
	for name, value := range fields {
		part, err := w.CreateFormField(name)
		if strings.Contains(name, "image") {
			part, err = w.CreateFormFile(name, "picture.jpg")
		}
		if err == nil {
			_, err = fmt.Fprint(part, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), body
}

// generation names the era of a path of Prembly, as its clients know them.
func generation(path string) string {
	switch {
	case strings.Contains(path, "/biometrics/merchant/"):
		return "1"
	case strings.HasPrefix(path, "/identitypass/"):
		return "2a"
	case strings.HasPrefix(path, "/api/v1/"):
		return "3"
	}
	return "2b"
}

// refer gives a request that names an earlier check the reference of one.
func (e *exchange) refer(t *testing.T, s *mockservertest.Server, provider string) {
	t.Helper()
	if strings.Contains(e.Path+string(e.Body), "{reference}") {
		started := exchange{Method: "POST", Path: "/api/v2/biometrics/merchant/data/verification/bvn", Body: json.RawMessage(`{"number":"54651333604"}`)}.send(t, s, provider)
		named := strings.NewReplacer("{reference}", started.At("verification.reference"))
		e.Path, e.Body = named.Replace(e.Path), json.RawMessage(named.Replace(string(e.Body)))
		if len(e.Body) == 0 {
			e.Body = nil
		}
	}
}

// Every operation that is publicly known responds, with the record where clients read it, and with the published members of it.
func TestPremblyOperationsRespond(t *testing.T) {
	testenv.Long(t)
	s := begin(t)
	right, total := map[string]int{}, map[string]int{}
	for _, e := range exchanges(t, "prembly-operations.jsonl") {
		e.refer(t, s, "prembly")
		answer := e.send(t, s, "prembly")
		if answer.Status != cmp.Or(e.Status, http.StatusOK) {
			t.Errorf("%s %s: %d %s", e.Method, e.Path, answer.Status, answer.Body)
			continue
		}
		record, ok := answer.JSON()[e.Key]
		if _, list := record.([]any); e.Key != "" && (!ok || e.List && !list) {
			t.Errorf("%s %s: %s is %v", e.Method, e.Path, e.Key, record)
		}
		if e.Confidence == "path only" && !strings.Contains(string(answer.Body), "not modelled by idmock") {
			t.Errorf("%s %s: only the path is public, and the response does not say so: %s", e.Method, e.Path, answer.Body)
		}
		for member, text := range e.Says {
			if got := answer.At(member); got != text {
				t.Errorf("%s %s: %s is %q, published as %q", e.Method, e.Path, member, got, text)
			}
		}
		for path, kind := range e.Reads {
			total[generation(e.Path)]++
			if got := kindAt(answer.JSON(), strings.Split(path, ".")); got == kind || kind == "any" && got != "" {
				right[generation(e.Path)]++
			} else {
				t.Logf("%s: %s is %q, published as %s", e.Path, path, got, kind)
			}
		}
	}
	const least = 0.95 // the rest: the older record of the advanced company check, and members that only one of two pages has
	for of, all := range total {
		t.Logf("generation %s: %d of %d members", of, right[of], all)
		if float64(right[of]) < least*float64(all) {
			t.Errorf("generation %s: %d of %d members, want %.0f %%", of, right[of], all, 100*least)
		}
	}
}

// The vendor's Java SDK finds what it reads, with its type, under both names of the service.
func TestJavaSDKFindsItsFields(t *testing.T) {
	testenv.Long(t)
	s := begin(t)
	const least = 0.97 // the rest: the long record of the basic BVN check, face_data without an image, and members that no response was seen with
	for _, provider := range []string{"prembly", "identitypass"} {
		total, right := 0, 0
		for _, e := range exchanges(t, "prembly-java.jsonl") {
			e.refer(t, s, provider)
			answer := e.send(t, s, provider)
			if answer.Status != http.StatusOK {
				t.Errorf("%s %s%s: %d %s", e.Method, provider, e.Path, answer.Status, answer.Body)
				continue
			}
			for path, kind := range e.Reads {
				total++
				if got := kindAt(answer.JSON(), strings.Split(path, ".")); got == kind || kind == "any" && got != "" {
					right++
				} else {
					t.Logf("%s %s: %s is %q, the SDK reads %s", provider, e.Path, path, got, kind)
				}
			}
		}
		t.Logf("%s: %d of %d fields", provider, right, total)
		if float64(right) < least*float64(total) {
			t.Errorf("%s: %d of %d fields, want %.0f %%", provider, right, total, 100*least)
		}
	}
}

// kindAt returns the JSON type at a path, empty without a value. Of lists it looks at the first items that have the path.
func kindAt(v any, path []string) string {
	if list, ok := v.([]any); ok && len(path) > 0 {
		for _, item := range list {
			if kind := kindAt(item, path); kind != "" {
				return kind
			}
		}
		return ""
	}
	if len(path) > 0 {
		members, _ := v.(map[string]any)
		next, ok := members[path[0]]
		if !ok {
			return ""
		}
		return kindAt(next, path[1:])
	}
	switch v.(type) {
	case string:
		return "string"
	case float64, json.Number:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "null"
}

// Requests that public clients send are accepted, and refused with strict requests where no page of the vendor allows them.
func TestClientsRequestsAreAccepted(t *testing.T) {
	s := begin(t)
	strict := new(mockservertest.Network).Start(t, mockserver.Config{Providers: providers(t), StrictRequests: true})
	refused := 0
	for _, e := range exchanges(t, "requests.jsonl") {
		if answer := e.send(t, s, e.Provider); answer.Status != http.StatusOK {
			t.Errorf("%s%s with %s %s: %d %s", e.Provider, e.Path, e.MediaType, e.Body, answer.Status, answer.Body)
		}
		switch answer := e.send(t, strict, e.Provider); answer.Status {
		case http.StatusOK:
		case http.StatusBadRequest, http.StatusUnsupportedMediaType:
			refused++
		default:
			t.Errorf("strict: %s%s: %d %s", e.Provider, e.Path, answer.Status, answer.Body)
		}
	}
	if refused == 0 {
		t.Error("strict requests refuse nothing")
	}
	t.Logf("strict requests refuse %d", refused)
}
