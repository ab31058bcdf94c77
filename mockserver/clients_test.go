package mockserver_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
)

// exchange is a line of a table under testdata/clients: a request of a public client and the member that it reads.
type exchange struct {
	Method, Path string
	Body         json.RawMessage
	Key          string // the member of the response with the record
	List         bool   // the record is a list
	Status       int    // 0 is 200
	Confidence   string
}

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

// Every operation that is publicly known responds, with the record where clients read it.
func TestPremblyOperationsRespond(t *testing.T) {
	s := begin(t)
	for _, e := range exchanges(t, "prembly-operations.jsonl") {
		r, err := http.NewRequestWithContext(t.Context(), e.Method, s.URL()+"/prembly"+e.Path, strings.NewReader(string(e.Body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Api-Key", "live_sk_clients")
		if e.Body != nil {
			r.Header.Set("Content-Type", "application/json")
		}
		answer := s.Do(r)
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
	}
}
