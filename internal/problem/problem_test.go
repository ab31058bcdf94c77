package problem_test

import (
	"net/http/httptest"
	"testing"

	"github.com/idmock/idmock/internal/problem"
)

func TestWrite(t *testing.T) {
	for _, c := range []struct {
		problem problem.Problem
		want    string
	}{
		{problem.New(404, "run %q: not found", "r-1"), `{"type":"about:blank","title":"Not Found","status":404,"detail":"run \"r-1\": not found"}`},
		{problem.New(400, "\x9e"), `{"type":"about:blank","title":"Bad Request","status":400,"detail":"` + "\ufffd" + `"}`},
		{problem.Problem{Status: 408, Detail: "x", Members: map[string]any{"seen": 0, "closest": []int{}}},
			`{"type":"about:blank","title":"Request Timeout","status":408,"detail":"x","closest":[],"seen":0}`},
	} {
		w := httptest.NewRecorder()
		if err := c.problem.Write(w); err != nil {
			t.Error(err)
		}
		if w.Body.String() != c.want || w.Code != c.problem.Status || w.Header().Get("Content-Type") != problem.MediaType {
			t.Errorf("got %d %s %s, want %s", w.Code, w.Header(), w.Body, c.want)
		}
	}
}

func TestWriteReportsMembersThatCannotBeEncoded(t *testing.T) {
	w := httptest.NewRecorder()
	if err := (problem.Problem{Status: 500, Members: map[string]any{"f": func() {}}}).Write(w); err == nil || w.Code != 500 {
		t.Errorf("got %v, %d", err, w.Code)
	}
}
