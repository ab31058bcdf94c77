package account_test

import (
	"testing"

	"github.com/idmock/idmock/openapi"
)

func TestBaseURL(t *testing.T) {
	s := accounts(t, 1)
	s.SetSelf("http://127.0.0.1:8080")
	a := open(t, s, "a")
	p := &openapi.Provider{Name: "p", Summary: openapi.Summary{Prefix: "/p"}}
	check := func(state, root, want string) {
		t.Helper()
		if got := a.BaseURL(p, root); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
	check("without a request", "", "http://127.0.0.1:8080/p")
	check("in a request", "https://proxy/base", "https://proxy/base/p")
	a.LearnURL("http://learnt:1")
	a.LearnURL("")
	check("after a request", "", "http://learnt:1/p")
	if err := s.SetPublicURL(t.Context(), "https://idmock.test/"); err != nil {
		t.Fatal(err)
	}
	check("with a public URL", "https://proxy/base", "https://idmock.test/p")
	if err := s.SetPublicURL(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	check("learnt again", "", "http://learnt:1/p")
}

func TestSetPublicURLErrors(t *testing.T) {
	s := accounts(t, 1)
	for _, text := range []string{"idmock.test", "ftp://idmock.test", "http://", "http://a?b", "http://a#b", "http://u@a", ":"} {
		if err := s.SetPublicURL(t.Context(), text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
	if url, err := s.PublicURL(t.Context()); url != "" || err != nil {
		t.Errorf("public URL %q, %v", url, err)
	}
}
