package viewer_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// With a control token the page asks for it once, and returns to the requested address. Nothing reveals the token.
func testLogin(t *testing.T, b *viewertest.Browser) {
	const token = "correct horse battery"
	var log bytes.Buffer
	s := mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true, ControlToken: token, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	a := s.Account(key)
	a.Call("prembly", "verifyBVN", map[string]any{"number": "22222222222"}) // providers require their own keys only

	p := b.Tab(t)
	p.Expect = true // the browser logs the 401
	p.Visit(s.URL() + "/?account=" + key + "&show=call")
	p.Want(`location.pathname === "/login"`)
	p.Fill(`input[name=token]`, "a guess")
	p.Click(`button[name=login]`)
	p.Wait(`document.querySelector("#note").hasAttribute("data-error")`)
	p.Shot("login")
	p.Fill(`input[name=token]`, token)
	p.Click(`button[name=login]`)
	p.Arrive()
	p.Wait(`document.querySelectorAll("#rows > li[data-call]").length === 1 && new URL(location.href).searchParams.get("show") === "call"`)
	p.Want(`document.cookie === ""`)
	p.Click(`button[name=play]`)
	p.Click(`dialog button[name=play-send]`)
	p.Wait(`document.querySelector("#status").textContent.startsWith("Played")`)

	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/_idmock/v1/journal?format=ndjson", nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer := s.Do(r); answer.Status != 401 {
		t.Errorf("a script without the token gets %d", answer.Status)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	journal := s.Do(r)
	if journal.Status != 200 || strings.Contains(string(journal.Body), token) {
		t.Errorf("a script with the token gets %d, and the journal tells it: %v", journal.Status, strings.Contains(string(journal.Body), token))
	}
	s.Close()
	if strings.Contains(log.String(), token) {
		t.Error("the log tells the token")
	}
	p.Visit("about:blank")
}
