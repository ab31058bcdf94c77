package mockserver_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// attempts is a script that tries to have an effect on a server, and to read it. It returns a line for each that succeeded.
const attempts = `(async (base) => {
	const done = [];
	const read = async (name, path, options) => {
		try {
			const r = await fetch(base + path, {signal: AbortSignal.timeout(10000), ...options});
			if (r.type !== "opaque" && r.ok) done.push(name + " " + r.status);
		} catch (e) { if (e.name === "TimeoutError") done.push(name + " without a response"); }
	};
	const json = {"Content-Type": "application/json"}, text = {"Content-Type": "text/plain"};
	const endpoint = JSON.stringify({provider: "identitypass", url: "http://127.0.0.1:9/stolen"});
	await read("journal", "/_idmock/v1/journal");
	await read("endpoint", "/_idmock/v1/endpoints", {method: "POST", headers: json, body: endpoint});
	await read("reset", "/_idmock/v1/reset", {method: "POST"});
	await read("page", "/");
	await read("call", "` + lookup + `", {method: "POST", headers: {...json, "X-Api-Key": "stolen"}, body: '{"number":"12345678901"}'});
	for (const path of ["/_idmock/v1/endpoints", "/_idmock/v1/reset", "/_idmock/v1/faults", "` + lookup + `", "/nothing"])
		await read("blind " + path, path, {method: "POST", mode: "no-cors", headers: text, body: endpoint});
	const late = (next) => setTimeout(next, 500); // for events that a browser leaves out
	await new Promise((next) => {
		late(next);
		const socket = new WebSocket(base.replace("http", "ws") + "/_idmock/v1/events?after=0");
		socket.onopen = () => { done.push("websocket"); socket.close(); };
		socket.onclose = next;
	});
	await new Promise((next) => {
		late(next);
		const frame = document.createElement("iframe");
		frame.name = "frame";
		document.documentElement.append(frame);
		const form = document.createElement("form");
		Object.assign(form, {method: "POST", action: base + "/_idmock/v1/reset", target: "frame"});
		document.documentElement.append(form);
		frame.onload = next;
		form.submit();
	});
	return done;
})`

// In a real browser, neither a foreign page nor a name that was rebound to this machine has an effect or reads anything; the
// server's own page does.
func TestSecurityRebinding(t *testing.T) {
	t.Parallel()
	s := listen(t)
	own, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>foreign</title>")
	}))
	defer page.Close()
	foreign, err := url.Parse(page.URL)
	if err != nil {
		t.Fatal(err)
	}
	tab := viewertest.Start(t, chromedp.Flag("host-resolver-rules", "MAP *.evil.test 127.0.0.1"),
		chromedp.Flag("disable-features", "LocalNetworkAccessChecks,Translate")).Tab(t) // the server's checks are tested, not the browser's
	tab.Expect = true // refused requests are errors in the console
	attack := func(from, to string) (done []string) {
		t.Helper()
		tab.Visit(from)
		tab.Eval(fmt.Sprintf("%s(%q)", attempts, to), &done)
		return done
	}
	rebound := "http://rebound.evil.test:" + own.Port()
	for from, to := range map[string]string{
		"http://page.evil.test:" + foreign.Port(): s.URL(), // another site
		rebound: rebound, // its name leads to the server now
		"http://other.evil.test:" + foreign.Port(): rebound,
	} {
		if done := attack(from, to); len(done) > 0 {
			t.Errorf("a page of %s at %s did this: %s", from, to, strings.Join(done, ", "))
		}
	}
	if entries := s.DefaultAccount().Journal(); len(entries) > 0 {
		t.Errorf("foreign pages left %d entries, the first %s", len(entries), entries[0].Data)
	}
	if done := attack(s.URL()+"/_idmock/v1/health", s.URL()); len(done) < 5 {
		t.Errorf("the server's own page did only this: %s", strings.Join(done, ", "))
	}
}
