package service_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// TestPage runs checks from the page of a real server, in Chromium.
func TestPage(t *testing.T) {
	b := viewertest.Start(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *viewertest.Browser)
	}{
		{"flawed", testFlawed},
		{"first look", testFirstLook},
		{"stop", testStop},
		{"hostile", testHostile},
		{"provider", testProvider},
		{"gone", testGone},
		{"accessible", testAccessible},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
}

const (
	form  = `dialog[data-dialog=check] form[data-ready]`
	ended = `document.querySelector(".checkrun[data-state=ended]")`
)

// openForm opens the dialog of checks by its key and waits until it is ready.
func openForm(p *viewertest.Page) {
	p.Do(chromedp.KeyEvent("m"))
	p.Wait(`document.querySelector("` + form + `") && document.querySelector("#check-about").textContent.includes("chosen")`)
}

// A run against a flawed receiver is started from the page and followed to its end: failures show the reason, the command that
// repeats them, and the exchanges. The address contains the run, and opens it in another tab.
func testFlawed(t *testing.T, b *viewertest.Browser) {
	h := start(t)
	app := h.app(reference.GrantsPending)
	h.Account.Webhook(scheme, app+"/hooks")
	p := b.Open(t, h.URL()+"/?account="+key)
	openForm(p)
	p.Want(fmt.Sprintf(`document.querySelector("dialog input[name=url]").value === %q`, app+"/hooks"), `document.querySelector(".runs").textContent.startsWith("No runs yet")`)
	p.Shot("check-form")
	p.Fill(`dialog input[name=probe]`, app+"/subjects/{subject}")
	announced := p.Text("#check-about")
	p.Click(`dialog button[name=check-start]`)
	p.Wait(`document.querySelectorAll(".checkrun [data-result]").length > 0`)
	p.Shot("check-started")
	p.Wait(ended)
	p.Want(`document.querySelector(".checkrun progress").value === document.querySelector(".checkrun progress").max`,
		`document.querySelector(".checkrun .count").textContent.endsWith("The receiver failed.")`,
		`document.querySelector("dialog .note").textContent.endsWith("The receiver failed.")`, // for screen readers
		`document.querySelector(".groups > section").dataset.group === "kyc"`,                 // failures are first
		`document.querySelector(".groups [data-result]").dataset.result === "kyc/pending-grants-nothing"`,
		`document.querySelector(".groups [data-result]").dataset.verdict === "fail"`,
		`document.querySelector("button[name=check-stop]").hidden`,
		`document.activeElement === document.querySelector(".checkrun h3")`)
	p.Shot("check-ended")
	wantSums(t, p, announced)

	p.Click(`button[name=check-filter][value=problems]`)
	p.Want(`document.querySelectorAll(".checkrun [data-result]").length === 1`, `document.querySelector("button[name=check-filter][value=problems]").getAttribute("aria-pressed") === "true"`)
	p.Want(`location.hash.endsWith("/problems")`)
	p.Eval(`document.querySelector(".checkrun summary").focus()`, nil)
	p.Do(chromedp.KeyEvent(kb.Enter))
	p.Wait(`document.querySelector(".checkrun details[data-read] [data-exchange]")`)
	p.Want(`document.querySelector(".story").textContent.includes("Requirement") && document.querySelector(".story").textContent.includes("Likely")`,
		`[...document.querySelectorAll("[data-wire=request]")].some((pre) => pre.textContent.startsWith("POST /hooks HTTP/1.1"))`,
		`[...document.querySelectorAll("[data-wire=response]")].some((pre) => pre.textContent.startsWith("HTTP/1.1 200 OK"))`)
	p.Shot("check-story")
	if got := p.Copies(func() { p.Press(`[data-exchange] button[name=copy-curl]`) }); !strings.Contains(got, "curl") || !strings.Contains(got, app+"/hooks") {
		t.Errorf("as curl: %s", got)
	}
	if got := p.Copies(func() { p.Press(`button[name=copy-repeat]`) }); !strings.Contains(got, "--run kyc/pending-grants-nothing --seed ") {
		t.Errorf("again: %s", got)
	}
	for _, format := range []string{"json", "junit", "html"} {
		var text string
		p.Eval(fmt.Sprintf(`fetch(document.querySelector(".downloads a[data-format=%s]").href).then((resp) => resp.ok && resp.text())`, format), &text)
		if !strings.Contains(text, "kyc/pending-grants-nothing") {
			t.Errorf("%s: %.200s", format, text)
		}
	}
	var link string
	p.Eval(`location.href`, &link)
	if !strings.Contains(link, "#check/k-") {
		t.Errorf("the address is %s", link)
	}

	// The list has a row for the run, which opens it.
	p.Do(chromedp.KeyEvent(kb.Escape))
	p.Wait(`!document.querySelector("dialog") && location.hash === ""`)
	p.Want(`document.querySelector("#rows > li[data-check]").dataset.status === "failed"`, `document.querySelectorAll("#rows > li[data-note=check]").length === 0`)
	p.Shot("check-row")
	p.Click(`#rows > li[data-check] button[name=open]`)
	p.Wait(ended)

	// In another tab, with another account.
	cold := b.Open(t, strings.Replace(link, key, "another", 1))
	cold.Wait(ended + ` && document.querySelectorAll(".checkrun [data-result]").length === 1`) // with its filter
	cold.Press(`button[name=check-filter][value=all]`)
	cold.Want(`document.querySelectorAll(".checkrun [data-result]").length > 40`, `!location.hash.endsWith("/problems")`)
	cold.Want(`document.querySelector(".groups [data-result]").dataset.result === "kyc/pending-grants-nothing"`)
	cold.Press(`button[name=check-again]`)
	cold.Wait(`document.querySelector("` + form + `")`)
	cold.Want(fmt.Sprintf(`document.querySelector("dialog input[name=url]").value === %q`, app+"/hooks"), `location.hash === ""`)
}

// wantSums tests the numbers of a run that has ended: each equation adds up, its sum is a part of one before, the parts are those of
// the filters, and the form announced the first one.
func wantSums(t *testing.T, p *viewertest.Page, announced string) {
	t.Helper()
	var lines []string
	filters := map[string]int{}
	p.Eval(`[...document.querySelectorAll(".checkrun .sum li")].map((li) => li.textContent)`, &lines)
	p.Eval(`Object.fromEntries([...document.querySelectorAll("button[name=check-filter]:not([hidden])")].map((b) => [b.textContent.replace(/ \d+$/, "").toLowerCase(), Number(b.textContent.match(/\d+$/)[0])]))`, &filters)
	known := map[string]int{"chosen": filters["all"]}
	for _, line := range lines {
		of, parts, _ := strings.Cut(line, " = ")
		n, label, sum := 0, "", 0
		for _, part := range append(strings.Split(parts, " + "), of) {
			count, name, _ := strings.Cut(part, " ")
			var err error
			if n, err = strconv.Atoi(count); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			label, sum = name, sum+n
			if part != of {
				known[name] = n
				if shown, ok := filters[name]; ok && shown != n {
					t.Errorf("%s, but the filter shows %d", line, shown)
				}
			}
		}
		if label == "run" && len(lines) == 2 {
			label = "applicable" // all were run
		}
		if sum != 2*n || known[label] != n {
			t.Errorf("%q does not add up to %d %s", line, known[label], label)
		}
	}
	if len(lines) < 2 || !strings.Contains(announced, lines[0]) || known["passed"] == 0 || known["failed"] != 1 {
		t.Errorf("the form announced %q, the run says %q", announced, lines)
	}
}

// wantFieldNames tests that hints name the form's fields, and no text of the dialog has a flag of the command but for the commands
// themselves.
func wantFieldNames(t *testing.T, p *viewertest.Page) {
	t.Helper()
	var flags []string
	for field := range reflect.TypeFor[control.CheckRequest]().Fields() {
		if name := field.Tag.Get("json"); name != "-" {
			flags = append(flags, "set --"+strings.ReplaceAll(name, "_", "-"))
		}
	}
	flags = append(flags, "set --probe-command", "set --ca", "give --dns", "(--list)")
	for _, hint := range flags {
		var shown string
		p.Eval(fmt.Sprintf(`import("/assets/js/checkform.js").then(({fieldNames}) => fieldNames(%q))`, hint), &shown)
		if strings.Contains(shown, "--") {
			t.Errorf("the hint %q is shown as %q", hint, shown)
		}
	}
	var said string
	p.Eval(`document.querySelector("dialog").innerText`, &said)
	if found := regexp.MustCompile(`--[a-z]+`).FindAllString(said, -1); len(found) > 0 {
		t.Errorf("the dialog shows %q", found)
	}
}

// Users without an application can test the built-in receiver, which accepts forged events.
func testFirstLook(t *testing.T, b *viewertest.Browser) {
	h := start(t)
	p := b.Open(t, h.URL())
	p.Tool("check")
	p.Wait(`document.querySelector("` + form + `")`)
	p.Click(`button[name=check-builtin]`)
	p.Click(`button[name=check-start]`)
	p.Wait(ended)
	p.Want(`document.querySelector(".checkrun .hint").textContent.includes("accepts forged events")`, `document.querySelector(".checkrun .hint h4").textContent === "Fix this first"`,
		`document.querySelector(".missing").textContent.includes("not judged") && document.querySelector(".missing").textContent.includes("set “Probe URL”")`,
		`document.querySelectorAll(".checkrun [data-verdict=fail]").length > 5`)
	p.Shot("check-builtin")
	wantFieldNames(t, p)
	p.Press(`button[name=check-filter][value=inconclusive]`)
	p.Shot("check-builtin-inconclusive")
}

// A run outlives the page that started it, can be stopped from another, and keeps its results.
func testStop(t *testing.T, b *viewertest.Browser) {
	h := start(t)
	app, asked := hanging(t)
	p := b.Open(t, h.URL())
	openForm(p)
	p.Fill(`dialog input[name=url]`, app+"/hooks")
	p.Click(`button[name=check-start]`)
	p.Wait(`document.querySelector(".checkrun[data-state=running] [data-verdict=not-applicable]")`)
	<-asked
	p.Reload() // the run continues and is shown again
	p.Wait(`document.querySelector(".checkrun[data-state=running] [data-verdict=not-applicable]")`)
	p.Want(`document.querySelector(".checkrun progress").value > 0`, `!document.querySelector("button[name=check-stop]").hidden`)
	p.Click(`button[name=check-stop]`)
	p.Wait(`document.querySelector(".checkrun[data-state=stopped]")`)
	p.Want(`document.querySelector(".checkrun .count").textContent.includes("stopped before the end")`, `document.querySelector("button[name=check-stop]").hidden`)
	p.Shot("check-stopped")
}

// Responses of the application are shown as text.
func testHostile(t *testing.T, b *viewertest.Browser) {
	const hostile = `<img src=x onerror="document.title='pwned'"><script>document.title='pwned'</script>`
	h := start(t)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Hostile", hostile)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, hostile)
	}))
	defer app.Close()
	p := b.Open(t, h.URL())
	openForm(p)
	p.Fill(`dialog input[name=url]`, app.URL+"/hooks?x=<b>"+"&y='\"")
	p.Click(`button[name=check-start]`)
	p.Wait(ended)
	p.Want(`document.querySelector(".checkrun .hint").textContent.includes("<img src=x")`)
	p.Press(`.checkrun [data-verdict=fail] summary`)
	p.Wait(`document.querySelector(".checkrun details[data-read] [data-exchange]")`)
	p.Want(`document.querySelector("[data-wire=response]").textContent.includes("<script>document.title")`,
		`document.title !== "pwned"`, `document.querySelectorAll("dialog img, dialog script, dialog b").length === 0`)
	p.Shot("check-hostile")

	// So is the report, opened by itself.
	var runs []control.CheckRun
	h.get("/conformance/runs", &runs)
	p.Expect = true // the console reports the content security policy
	p.Visit(h.URL() + "/_idmock/v1/conformance/runs/" + runs[0].ID + "?format=html")
	p.Want(`document.title !== "pwned"`, `document.querySelectorAll("img").length === 0`, `document.body.textContent.includes("<img src=x")`)
}

// The mock is tested as its provider, from its own page.
func testProvider(t *testing.T, b *viewertest.Browser) {
	h := start(t)
	p := b.Open(t, h.URL())
	openForm(p)
	p.Fill(`#check-kind`, "provider")
	p.Wait(fmt.Sprintf(`document.querySelector("dialog input[name=url]").value === %q`, h.api))
	p.Fill(`dialog input[name=listen]`, "127.0.0.1:0")
	p.Fill(`dialog textarea[name=run]`, "call/*\nsend/delivered")
	p.Eval(`document.querySelector("dialog input[name=core]").checked = false`, nil)
	p.Click(`button[name=check-start]`)
	p.Wait(ended)
	p.Want(`document.querySelectorAll(".checkrun [data-verdict=fail]").length === 0`, `document.querySelectorAll(".checkrun [data-verdict=pass]").length > 3`,
		`document.querySelector("[data-result='send/delivered']").dataset.verdict === "pass"`) // webhooks were received
	p.Shot("check-provider")
}

// A dropped run is reported as such, and so is an invalid form.
func testGone(t *testing.T, b *viewertest.Browser) {
	h := start(t)
	p := b.Open(t, h.URL()+"/#check/k-none")
	p.Expect = true // the console reports failed requests
	p.Wait(`document.querySelector(".checkrun[data-state=gone]")`)
	p.Want(`document.querySelector("dialog .note").textContent.includes("keeps the last 20")`)
	p.Press(`button[name=check-again]`)
	p.Wait(`document.querySelector("` + form + `")`)
	p.Fill(`dialog input[name=url]`, "http://127.0.0.1:1/hooks")
	p.Fill(`dialog input[name=start]`, "touch /tmp/pwned")
	p.Click(`button[name=check-start]`)
	p.Wait(`document.querySelector("dialog .note[data-error]")?.textContent.includes("start: must be a URL")`)
}

// The form and the run are accessible, in both color schemes and at a phone's width.
func testAccessible(t *testing.T, b *viewertest.Browser) {
	h := start(t)
	app := h.app(reference.GrantsPending)
	p := b.Open(t, h.URL()+"/?account="+key)
	serious := p.Axe()
	audit := func(view string) {
		t.Helper()
		if found := serious(); len(found) > 0 {
			t.Errorf("%s:\n    %s", view, strings.Join(found, "\n    "))
		}
	}
	p.Wait(viewertest.Live)
	openForm(p)
	p.Eval(`document.querySelectorAll("dialog details").forEach((d) => (d.open = true))`, nil)
	for _, colors := range []string{"light", "dark"} {
		p.Media(colors)
		audit(colors + " form")
	}
	p.Fill(`dialog input[name=url]`, app+"/hooks")
	p.Fill(`dialog input[name=probe]`, app+"/subjects/{subject}")
	p.Click(`button[name=check-start]`)
	p.Wait(ended)
	p.Press(`.checkrun [data-verdict=fail] summary`)
	p.Wait(`document.querySelector(".checkrun details[data-read] [data-exchange]")`)
	p.Eval(`document.querySelectorAll("dialog .story details").forEach((d) => (d.open = true))`, nil)
	for _, colors := range []string{"light", "dark"} {
		p.Media(colors)
		for name, width := range map[string]int64{"wide": 1280, "phone": 390} {
			p.Size(width, 844)
			audit(colors + " run, " + name)
			p.Want(`document.querySelector("dialog").scrollWidth <= document.querySelector("dialog").clientWidth`)
			p.Shot("check-" + name + "-" + colors)
		}
	}
}
