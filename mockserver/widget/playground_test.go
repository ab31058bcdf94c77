package widget_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// below serves a server below the path /mock, as an ingress does.
func below(t *testing.T, server string) string {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.StripPrefix("/mock", &httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}))
	t.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
	})
	return proxy.URL + "/mock"
}

// The page of each provider shows a working sample with the account's keys, next to the account's journal; all of it below a path.
func TestPlayground(t *testing.T) {
	t.Parallel()
	s := begin(t)
	b := browser(t)
	root := below(t, s.URL())
	p := viewertest.Share(b).Tab(t)
	p.Visit(root + "/playground/")
	p.Want(`[...document.querySelectorAll("main ul a")].map((a) => a.getAttribute("href").split("/").pop()).join() === "identitypass,prembly,faceio,idwise"`)
	p.Want(`new Set([...document.querySelectorAll(".cards span")].map((span) => span.textContent)).size === 4`,
		`document.querySelector(".cards a[href=faceio] span").textContent === "Sign-up page with cdn.faceio.net/fio.js"`)
	look(t, p, "index", true)
	for provider, c := range map[string]struct{ credential, button, event, native string }{
		"faceio":       {"public_id", "#enroll", "ENROLL", ""},
		"prembly":      {"widget_key", "#verify", "sdk.completed", "public_key"},
		"identitypass": {"public_key", "#verify", "checkout.completed", "public_key"},
		"idwise":       {"client_key", "#verify", "Finished Journey", "client_key"},
	} {
		account := s.Account("shop-" + provider)
		hooks := mockservertest.NewReceiver(t)
		account.Webhook(provider, hooks.URL)
		p.Visit(root + "/playground/" + provider + "?account=" + account.Name)
		p.Wait(`document.body.dataset.state === "live" && document.querySelector("#code").textContent.length > 100`)
		tabs := map[string]string{"react": "useEffect(() => {", "vue": "onMounted(() => {", "html": "<!doctype html>"}
		if c.native != "" {
			tabs["react-native"] = `="` + credential(t, account, provider, c.native) + `"`
			if provider == "idwise" {
				tabs["react-native"] = `IDWise.initialize("` + credential(t, account, provider, c.native) + `"`
			}
		}
		for _, framework := range []string{"react", "vue", "react-native", "html"} {
			button := `document.querySelector("button[name=tab][value=` + framework + `]")`
			if tabs[framework] == "" {
				p.Want(button + `.hidden`)
				continue
			}
			p.Click(`button[name=tab][value=` + framework + `]`)
			p.Want(`document.querySelector("#code").dataset.tab === "`+framework+`" && `+button+`.ariaPressed === "true"`,
				fmt.Sprintf(`document.querySelector("#code").textContent.includes(%q)`, tabs[framework]),
				`document.querySelector("#code").textContent.includes("react-native") === `+fmt.Sprint(framework == "react-native"))
		}
		p.Want(fmt.Sprintf(`document.querySelector("#code").textContent.includes(%q)`, credential(t, account, provider, c.credential)),
			fmt.Sprintf(`document.querySelector("#code").textContent.includes(%q)`, root+"/"+provider+"/"), `!document.querySelector("#code").textContent.includes("idmock-pass")`)
		p.Eval(`void (navigator.clipboard.writeText = async (text) => { window.copied = text; })`, nil)
		p.Click(`button[name=copy-source]`)
		p.Wait(`document.querySelector("button[name=copy-source]").textContent === "Copied"`)
		p.Want(`window.copied === document.querySelector("#code").textContent`)
		p.Wait(`document.querySelectorAll("select[name=scenario] option").length > 1`)
		account.Call("peleza", "verifyKenyaNationalID", nil) // of another provider

		// The sample by itself, as in the frame: with an opaque origin.
		q := newTab(t, b)
		q.open(root + "/playground/" + provider + "/sample?account=" + account.Name + "&idmock_outcome=" + map[bool]string{true: "finished", false: "success"}[provider == "idwise"])
		q.want(`window.origin`, `"null"`)
		q.eval(`document.querySelector("` + c.button + `").click()`)
		q.wait(`document.querySelector("#result").textContent.length > 10`)
		p.Wait(`document.querySelectorAll("#trace li[data-kind=call]").length > 0`)
		q.wait(`/facialId|"00"|finished/.test(document.querySelector("#result").textContent)`)
		p.Want(`![...document.querySelectorAll("#trace li")].some((li) => li.textContent.includes("peleza"))`)
		q.want(`[...document.querySelectorAll("main label input")].length`, "2") // within a form
		account.Advance(time.Minute)
		p.Wait(`[...document.querySelectorAll("#trace li[data-kind=delivery]")].some((li) => li.textContent.includes("` + c.event + `"))`)
		if provider == "identitypass" {
			outcomes(t, p, q, account)
		}
		look(t, p, provider, provider == "identitypass")
	}
}

// outcomes chooses a scenario by its outcome: the sign-up page plays it.
func outcomes(t *testing.T, p *viewertest.Page, q *tab, account *mockservertest.Account) {
	t.Helper()
	var label, address string
	p.Eval(`document.querySelector("select[name=scenario] option[value=not-found]").textContent`, &label)
	if label != "Not found (not-found)" {
		t.Errorf("the outcome is offered as %q", label)
	}
	p.Fill(`select[name=scenario]`, "not-found")
	p.Eval(`document.querySelector("#sample iframe").src`, &address)
	q.open(address)
	q.eval(`document.querySelector("#verify").click()`)
	q.wait(`document.querySelector("#identity-frame-component") || document.querySelector("#result").textContent.length > 10`)
	call := mockservertest.Wait(account, func(c journal.Call) bool { return c.Scenario == "not-found" })
	if call.Provider != "identitypass" {
		t.Errorf("the request is of %s", call.Provider)
	}
}

// look checks a page with axe and takes pictures, in both color schemes and at a phone's width. For a page that looks like another, wide
// and dark and narrow and light are enough.
func look(t *testing.T, p *viewertest.Page, name string, first bool) {
	t.Helper()
	serious := p.Axe()
	for _, scheme := range []string{"light", "dark"} {
		p.Media(scheme)
		for _, width := range []int64{1440, 1280, 390} {
			if !first && (width == 1440 || (width == 390) != (scheme == "light")) {
				continue
			}
			p.Size(width, 844)
			p.Want(`document.documentElement.scrollWidth <= innerWidth`)
			p.Shot(fmt.Sprintf("playground-%s-%s-%d", name, scheme, width))
			if width == 1440 || scheme == "light" && width == 1280 {
				continue // one analysis for each of the layouts and color schemes
			}
			if found := serious(); len(found) > 0 {
				t.Errorf("%s %s %d:\n    %s", name, scheme, width, strings.Join(found, "\n    "))
			}
		}
	}
	p.Size(1280, 900)
}

// Parameters of a link are never inserted into a page as markup or script.
func TestPlaygroundKeepsToItself(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for path, want := range map[string]int{
		"/playground/":       200,
		"/playground/faceio": 200,
		"/playground/faceio/sample?account=shop-1":                              200,
		"/playground/faceio/sample":                                             400,
		"/playground/faceio/sample?account=shop-1&source=http://127.0.0.1:8080": 200,
		"/playground/faceio/sample?account=shop-1&source=javascript:x":          400,
		"/playground/faceio/sample?account=shop-1&source=http://x/%22%3E":       400,
		"/playground/faceio/sample?account=%3Cb%3E":                             400,
		"/playground/faceio/sample?account=fioa%22x":                            400,
		"/playground/nothing":                                                   404,
		"/playground/peleza":                                                    404,
		"/playground/peleza/sample?account=a":                                   404,
		"/playground/-/assets/page.html":                                        404,
		"/playground/-/assets/playground.js":                                    200,
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
