package widget_test

import (
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/mockservertest"
)

// The page of each provider shows a working sample with the account's keys, next to the account's journal.
func TestPlayground(t *testing.T) {
	t.Parallel()
	s := begin(t)
	b := browser(t)
	p := newTab(t, b)
	p.open(s.URL() + "/playground/")
	p.want(`[...document.querySelectorAll("main ul a")].map((a) => a.getAttribute("href").split("/").pop())`,
		`["identitypass","prembly","faceio","idwise"]`)
	for provider, c := range map[string]struct{ credential, button, event string }{
		"faceio":       {"public_id", "#enroll", "ENROLL"},
		"prembly":      {"widget_key", "#verify", "sdk.completed"},
		"identitypass": {"public_key", "#verify", "checkout.completed"},
		"idwise":       {"client_key", "#verify", "Finished Journey"},
	} {
		account := s.Account("shop-" + provider)
		hooks := mockservertest.NewReceiver(t)
		account.Webhook(provider, hooks.URL)
		p.open(s.URL() + "/playground/" + provider + "?account=" + account.Name)
		p.wait(`document.body.dataset.state === "live" && document.querySelector("#code").textContent.length > 100`)
		p.want(`document.querySelector("#code").textContent.includes("`+credential(t, account, provider, c.credential)+`")`, "true")
		p.want(`document.querySelector("#code").textContent.includes("idmock-pass")`, "false")
		for framework, text := range map[string]string{"react": "useEffect(() => {", "vue": "onMounted(() => {", "html": "<!doctype html>"} {
			p.eval(`document.querySelector("button[name=tab][value=` + framework + `]").click()`)
			p.want(`document.querySelector("#code").dataset.tab === "`+framework+`" && document.querySelector("#code").textContent.includes("`+text+`")`, "true")
		}
		p.wait(`document.querySelectorAll("select[name=scenario] option").length > 1`)
		account.Call("peleza", "verifyKenyaNationalID", nil) // of another provider

		// The sample by itself, as in the frame: with an opaque origin.
		q := newTab(t, b)
		q.open(s.URL() + "/playground/" + provider + "/sample?account=" + account.Name + "&idmock_outcome=" + map[bool]string{true: "finished", false: "success"}[provider == "idwise"])
		q.want(`window.origin`, `"null"`)
		q.eval(`document.querySelector("` + c.button + `").click()`)
		q.wait(`document.querySelector("#result").textContent.length > 10`)
		p.wait(`document.querySelectorAll("#trace li[data-kind=call]").length > 0`)
		q.wait(`/facialId|"00"|finished/.test(document.querySelector("#result").textContent)`)
		p.want(`[...document.querySelectorAll("#trace li")].some((li) => li.textContent.includes("peleza"))`, "false")
		q.want(`[...document.querySelectorAll("main label input")].length`, "2") // within a form
		account.Advance(time.Minute)
		p.wait(`[...document.querySelectorAll("#trace li[data-kind=delivery]")].some((li) => li.textContent.includes("` + c.event + `"))`)
	}
}

// Parameters of a link are never inserted into a page as markup or script.
func TestPlaygroundKeepsToItself(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for path, want := range map[string]int{
		"/playground/":       200,
		"/playground/faceio": 200,
		"/playground/faceio/sample?account=shop-1":   200,
		"/playground/faceio/sample":                  400,
		"/playground/faceio/sample?account=%3Cb%3E":  400,
		"/playground/faceio/sample?account=fioa%22x": 400,
		"/playground/nothing":                        404,
		"/playground/peleza":                         404,
		"/playground/peleza/sample?account=a":        404,
		"/playground/-/assets/page.html":             404,
		"/playground/-/assets/playground.js":         200,
	} {
		got := ask(t, s, "GET", path, "")
		if got.Status != want {
			t.Errorf("%s: status %d, want %d", path, got.Status, want)
		}
		if policy := got.Header.Get("Content-Security-Policy"); want == 200 && !strings.Contains(policy, "sandbox allow-scripts") && !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if other := ask(t, s, "GET", path, "mock.example.com"); other.Status != 403 {
			t.Errorf("%s for a host that is not known: status %d, want 403", path, other.Status)
		}
		if other := ask(t, s, "GET", path, "", "Origin: https://evil.example"); other.Status != 403 {
			t.Errorf("%s for a page of another origin: status %d, want 403", path, other.Status)
		}
	}
}
