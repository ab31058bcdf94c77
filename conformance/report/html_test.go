package report_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/report"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// The page is a single file that loads nothing and runs no script from untrusted exchanges, and it is accessible.
func TestPage(t *testing.T) {
	const hostile = `</pre><script>window.ran = 1</script><img src="https://elsewhere.example/x" onerror="window.ran = 2"><a href="javascript:window.ran = 3">`
	r := sample()
	long := strings.Repeat("0123456789abcdef", 8)
	r.Target += "?" + long
	r.Headline, r.Advice = "It is "+hostile, hostile
	r.Stale = []conformance.Waiver{{ID: hostile, Verdict: conformance.Fail, Reason: hostile}}
	for i := range r.Results {
		result := &r.Results[i]
		for _, text := range []*string{&result.Got, &result.Expected, &result.Reason, &result.Cause, &result.Repeat} {
			*text += hostile
		}
		result.Exchanges = append(result.Exchanges, conformance.Exchange{Note: hostile, Request: hostile + long, Curl: hostile, Response: hostile, Error: hostile})
	}
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		if err := report.WriteHTML(w, r); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	p := viewertest.Start(t).Tab(t)
	p.Visit(server.URL)
	p.Want(`document.title.startsWith("receiver http://app.example/hooks")`, `window.ran === undefined`, `document.scripts.length === 0`, `document.images.length === 0`,
		`document.links.length === 0`, `performance.getEntriesByType("resource").length === 0`,
		`document.querySelector("h2").textContent === "Failed: 1"`, `document.querySelector("details").open`, `[...document.querySelectorAll("pre")].some((e) => e.textContent.includes("<script>window.ran"))`)
	if n := requests.Load(); n != 1 {
		t.Errorf("the page took %d requests", n)
	}
	p.Eval(`document.querySelectorAll("details").forEach((d) => (d.open = true))`, nil)
	p.Want(`window.ran === undefined`)
	serious := p.Axe()
	for _, scheme := range []string{"light", "dark"} {
		p.Media(scheme)
		for name, width := range map[string]int64{"wide": 1280, "phone": 390} {
			p.Size(width, 900)
			p.Eval(`document.querySelectorAll("details").forEach((d) => (d.open = true))`, nil)
			p.Want(`document.documentElement.scrollWidth <= window.innerWidth`)
			if found := serious(); len(found) > 0 {
				t.Errorf("%s %s:\n    %s", scheme, name, strings.Join(found, "\n    "))
			}
			p.Shot("report-" + scheme + "-" + name)
		}
	}
}
