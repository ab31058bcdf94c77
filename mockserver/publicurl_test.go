package mockserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

const linking = `
scenario: linking
provider: identitypass
rules:
  - on: verifyBVN
    reply: {body: {link: "${base}/widget"}}
    then:
      - send: verification.completed
        data: {link: "${base}/later"}
        invalid: true
`

// URLs in responses begin as the client reaches the server: by the request's host, a proxy's headers, or as configured.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	s := begin(t, linking)
	a, r := with(t, s, "links")
	link := func(headers ...string) string {
		t.Helper()
		request := a.Request(provider, bvn, number(found))
		request.Header.Set(mockserver.ScenarioHeader, "linking")
		for i := 0; i < len(headers); i += 2 {
			if headers[i] == "Host" {
				request.Host = headers[i+1]
				continue
			}
			request.Header.Add(headers[i], headers[i+1])
		}
		return s.Do(request).At("link")
	}
	own := s.URL() + "/identitypass/widget"
	for _, c := range []struct {
		headers []string
		want    string
	}{
		{nil, own},
		{[]string{"Host", "idmock:8080"}, "http://idmock:8080/identitypass/widget"},
		{[]string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "ci.example.com"}, "https://ci.example.com/identitypass/widget"},
		{[]string{"X-Forwarded-Proto", "https, http", "X-Forwarded-Host", "ci.example.com, inner", "X-Forwarded-Port", "8443", "X-Forwarded-Prefix", "/mocks/id/"}, "https://ci.example.com:8443/mocks/id/identitypass/widget"},
		{[]string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "ci.example.com", "X-Forwarded-Port", "443"}, "https://ci.example.com/identitypass/widget"},
		{[]string{"Forwarded", `for=1.2.3.4;Host="ci.example.com:8443";proto=https, for=inner;host=inner`}, "https://ci.example.com:8443/identitypass/widget"},
		{[]string{"X-Forwarded-Host", `evil"><script>`, "X-Forwarded-Proto", "javascript", "X-Forwarded-Prefix", "//evil.example/%"}, own},
	} {
		if got := link(c.headers...); got != c.want {
			t.Errorf("%q: the link is %s, want %s", c.headers, got, c.want)
		}
	}

	// A provider's own host has no prefix; a webhook has the base URL of the latest request.
	request := a.Request(provider, bvn, number(found))
	request.Header.Set(mockserver.ScenarioHeader, "linking")
	request.URL.Path = strings.TrimPrefix(request.URL.Path, "/identitypass")
	request.Host = "api.myidentitypay.com"
	if got := s.Do(request).At("link"); got != "http://api.myidentitypay.com/widget" {
		t.Errorf("by a host of the provider's: %s", got)
	}
	a.Advance(time.Second)
	sent := r.Got()
	if last := sent[len(sent)-1]; !strings.Contains(string(last.Body), `"link":"http://api.myidentitypay.com/later"`) {
		t.Errorf("the webhook tells %s", last.Body)
	}

	// A public URL that is set wins over requests, and can be removed.
	set := func(url string, want int) mockservertest.Answer {
		t.Helper()
		got := s.DefaultAccount().Control("PUT", "/public-url", map[string]string{"url": url})
		if got.Status != want {
			t.Errorf("set %q: %d %s, want %d", url, got.Status, got.Body, want)
		}
		return got
	}
	if got := set("https://idmock.test/behind/", 200).At("url"); got != "https://idmock.test/behind" {
		t.Errorf("set to %q", got)
	}
	if got := link("Host", "idmock:8080"); got != "https://idmock.test/behind/identitypass/widget" {
		t.Errorf("set: %s", got)
	}
	set("idmock.test", 422)
	set("", 200)
	if got := link(); got != own {
		t.Errorf("taken back: %s", got)
	}
	var played struct{ Body struct{ Link string } }
	answer := s.DefaultAccount().Control("POST", "/play", map[string]string{"provider": provider, "scenario": "linking"})
	if err := json.Unmarshal(answer.Body, &played); err != nil || played.Body.Link != own {
		t.Errorf("played from the page: %s", answer.Body)
	}
}

// The public URL of a server behind a proxy can be configured.
func TestPublicURLByFlag(t *testing.T) {
	t.Parallel()
	s := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true, Scenarios: lint(t, linking), PublicURL: "https://idmock.test"})
	if got := s.Account("a").CallAs("linking", provider, bvn, number(found)); got.Status != http.StatusOK || got.At("link") != "https://idmock.test/identitypass/widget" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if _, err := mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", PublicURL: "idmock.test"}); err == nil || !strings.Contains(err.Error(), "public URL: ") {
		t.Errorf("a public URL that is none: %v", err)
	}
}
