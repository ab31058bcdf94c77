package receiver

import (
	"bytes"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// legal are unusual receivers that nothing forbids: what a proxy in front of the reference does to its responses.
var legal = map[string]func(*http.Response) error{
	"responds 202 without a body": func(r *http.Response) error {
		if r.StatusCode == http.StatusOK && r.Request.Method == http.MethodPost {
			r.StatusCode, r.Status, r.ContentLength, r.Body = http.StatusAccepted, "202 Accepted", 0, io.NopCloser(strings.NewReader(""))
			r.Header.Set("Content-Length", "0")
		}
		return nil
	},
	"closes each connection": func(r *http.Response) error {
		r.Header.Set("Connection", "close")
		return nil
	},
	"refuses with 400 in plain text": func(r *http.Response) error {
		if r.StatusCode == http.StatusUnauthorized {
			r.StatusCode, r.Status, r.ContentLength, r.Body = http.StatusBadRequest, "400 Bad Request", 2, io.NopCloser(strings.NewReader("no"))
			r.Header.Set("Content-Length", "2")
			r.Header.Set("Content-Type", "text/plain")
		}
		return nil
	},
	"takes a while": func(r *http.Response) error {
		select {
		case <-time.After(200 * time.Millisecond):
		case <-r.Request.Context().Done():
		}
		return nil
	},
	"shows names safe for HTML": func(r *http.Response) error {
		if !strings.HasPrefix(r.Request.URL.Path, "/subjects/") || r.StatusCode != http.StatusOK {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		for _, c := range []string{"&", "<", ">", "'"} {
			body = bytes.ReplaceAll(body, []byte(c), []byte(html.EscapeString(c)))
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Del("Content-Length")
		return nil
	},
}

// No check fails a receiver that is unusual and legal.
func TestLegalReceivers(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	for name, change := range legal {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := serve(t, profileOf(t, "", ""), reference.Config{API: "yes"}, false)
			behind, err := url.Parse(strings.TrimSuffix(target.URL, "/hooks"))
			if err != nil {
				t.Fatal(err)
			}
			front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }, ModifyResponse: change})
			t.Cleanup(front.Close)
			target.URL = front.URL + "/hooks"
			target.Probe.URL = front.URL + "/subjects/{subject}"
			target.Core = !whole()
			report := run(t, target)
			for _, r := range report.Results {
				if r.Verdict == conformance.Fail || r.Verdict == conformance.Warn || r.Verdict == conformance.Error {
					t.Errorf("%s: %s: %s%s", r.ID, r.Verdict, r.Reason, tail(r))
				}
			}
			if report.Count(conformance.Pass) < 40 {
				t.Errorf("%d passed: %s", report.Count(conformance.Pass), report.Headline)
			}
		})
	}
}
