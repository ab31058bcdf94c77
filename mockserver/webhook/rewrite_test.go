package webhook

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func rewrites(t *testing.T, pairs ...string) Rewrites {
	t.Helper()
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	r, err := ParseRewrites(m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRewrites(t *testing.T) {
	r := rewrites(t, "localhost", "host.docker.internal", "LOCALHOST:3001", "app:80", "[::1]", "10.0.0.1", "127.0.0.1", "[fd00::1]",
		"http://old.test/hooks", "https://new.test:8443/v2", "http://old.test/hooks/special/", "http://special.test/")
	for url, want := range map[string]string{
		"http://localhost:3000/hooks?a=b":  "http://host.docker.internal:3000/hooks?a=b",
		"http://localhost/hooks":           "http://host.docker.internal:80/hooks",
		"https://localhost/hooks":          "https://host.docker.internal:443/hooks",
		"http://localhost:3001/x":          "http://app:80/x",
		"http://[::1]:3000/":               "http://10.0.0.1:3000/",
		"http://127.0.0.1:3000/":           "http://[fd00::1]:3000/",
		"http://old.test/hooks":            "https://new.test:8443/v2",
		"http://old.test/hooks/a?b":        "https://new.test:8443/v2/a?b",
		"http://old.test/hooks/special/a":  "http://special.test/a",
		"http://old.test/hooksaw":          "",
		"http://other.test/hooks":          "",
		"http://sub.localhost:3000/":       "",
		"http://old.test/other?/hooks":     "",
		"http://host.docker.internal:3000": "",
	} {
		if got := r.sentTo(url); got != want {
			t.Errorf("%s goes to %q, want %q", url, got, want)
		}
	}
	var nothing Rewrites
	if !nothing.empty() || nothing.sentTo("http://localhost/") != "" || r.empty() {
		t.Error("the zero value rewrites something")
	}
}

func TestInvalidRewrites(t *testing.T) {
	for from, to := range map[string]string{
		"localhost": "http://app/", "http://a": "b", "localhost/hooks": "app", "": "app", "127.0.0.1": "", "a:b": "c", "ftp://a": "ftp://b", "user@host": "app",
	} {
		if r, err := ParseRewrites(map[string]string{from: to}); err == nil || !strings.HasPrefix(err.Error(), from+"="+to+": ") {
			t.Errorf("%s=%s: %+v, %v", from, to, r, err)
		}
	}
}

// Rewriting a host keeps the registered Host header; rewriting a URL changes it. The attempt records the actual URL.
func TestRewrittenAttempt(t *testing.T) {
	hosts := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hosts <- r.Host + r.URL.Path }))
	defer receiver.Close()
	address := strings.TrimPrefix(receiver.URL, "http://")
	for url, c := range map[string]struct{ to, host string }{
		"http://app.invalid:3000/hooks": {receiver.URL + "/hooks", "app.invalid:3000/hooks"},
		"http://old.invalid/v1/hooks":   {receiver.URL + "/v2/hooks", address + "/v2/hooks"},
		receiver.URL + "/unchanged":     {"", address + "/unchanged"},
	} {
		s := NewSender(Policy{}, "test")
		s.Rewrites = rewrites(t, "app.invalid", address, "http://old.invalid/v1", receiver.URL+"/v2")
		a := s.Send(t.Context(), 1, Message{URL: url, Body: []byte("{}")})
		if !a.Accepted || a.Request.URL != url || a.SentTo != c.to {
			t.Errorf("%s: sent to %q, %+v", url, a.SentTo, a)
			continue
		}
		if got := <-hosts; got != c.host {
			t.Errorf("%s: the receiver got %s, want %s", url, got, c.host)
		}
		s.Close()
	}
}

// The policy applies to the rewritten address.
func TestRewriteToForbidden(t *testing.T) {
	s := NewSender(Policy{}, "test")
	s.Rewrites = rewrites(t, "app.invalid", "169.254.169.254")
	if a := s.Send(t.Context(), 1, Message{URL: "http://app.invalid/", Body: []byte("{}")}); a.Class != Blocked || a.SentTo != "http://169.254.169.254:80/" {
		t.Errorf("%+v", a)
	}
}
