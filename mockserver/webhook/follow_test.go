package webhook

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A message with Follow is sent on: 307 and 308 repeat the request, 302 asks for the location with GET and without a body.
func TestFollowRedirects(t *testing.T) {
	var got []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, r.Header.Get("X-Signature"), body))
		status, to, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if !ok {
			return
		}
		var code int
		_, _ = fmt.Sscan(status, &code)
		if to == "none" {
			w.WriteHeader(code)
			return
		}
		w.Header().Set("location", "/"+to)
		w.WriteHeader(code)
	})
	s := newSender(t)
	for path, want := range map[string][]string{
		"/308/307/end": {"POST /308/307/end s {}", "POST /307/end s {}", "POST /end s {}"},
		"/302/end":     {"POST /302/end s {}", "GET /end s "},
		"/303/307/end": {"POST /303/307/end s {}", "GET /307/end s ", "GET /end s "},
	} {
		got = nil
		a := s.Send(t.Context(), 1, Message{URL: url + path, Body: []byte("{}"), Header: []Header{{"X-Signature", "s"}}, Timeout: long, Follow: true})
		if !a.Accepted || a.Class != OK || len(a.Redirects) != len(want)-1 || a.Request.URL != url+path || a.Redirects[len(a.Redirects)-1] != url+"/end" {
			t.Errorf("%s: %+v", path, a)
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: requests %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"/302/none", strings.Repeat("/307", maxRedirects+2) + "/end"} {
		a := s.Send(t.Context(), 1, Message{URL: url + path, Timeout: long, Follow: true})
		if a.Accepted || a.Class != Redirect || !strings.Contains(a.Hint, "register the URL") || len(a.Redirects) > maxRedirects {
			t.Errorf("%s: %+v", path, a)
		}
	}
}

// The address policy applies to the location of a redirect, and credentials stay with their host.
func TestRedirectsAreChecked(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://169.254.169.254/latest")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	a := newSender(t).Send(t.Context(), 1, Message{URL: url, Timeout: long, Follow: true})
	if a.Class != Blocked || a.Accepted || len(a.Redirects) != 1 {
		t.Errorf("%+v", a)
	}
	next, ok := redirected(Message{URL: url, Header: []Header{{"Authorization", "Basic x"}, {"Host", "h"}, {"A", "b"}}},
		Response{Status: http.StatusPermanentRedirect, Header: []Header{{"location", "https://other.example/"}}})
	if !ok || len(next.Header) != 1 || next.Header[0][0] != "A" {
		t.Errorf("%+v", next)
	}
}
