package viewer_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
	"github.com/idmock/idmock/openapi/catalog"
)

func testTakeAway(t *testing.T, b *viewertest.Browser) {
	s := show(t, b, "?account="+key)
	s.verify("prembly")
	s.account.Advance(time.Minute)
	s.server.Account("another").Call("prembly", "verifyBVN", map[string]any{"number": "22222222222"})
	s.Wait(`document.querySelector("li[data-delivery]")?.dataset.status === "delivered"`)

	download := func(selector string) (text string) {
		t.Helper()
		s.Eval(fmt.Sprintf(`fetch(document.querySelector(%q).href).then((r) => r.text())`, selector), &text)
		return text
	}
	lines := strings.Split(strings.TrimSpace(download(`#take a[data-format=ndjson]`)), "\n")
	for _, line := range lines {
		var entry struct{ Account string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Account != key {
			t.Errorf("a line of the download is %s: %v", line, err)
		}
	}
	if len(lines) < 6 {
		t.Errorf("%d lines", len(lines))
	}
	for _, selector := range []string{`#take a[data-format=har]:not([data-redact])`, `#take a[data-redact]`} {
		var har struct {
			Log struct{ Entries []json.RawMessage }
		}
		text := download(selector)
		if err := json.Unmarshal([]byte(text), &har); err != nil || len(har.Log.Entries) != 2 {
			t.Errorf("%s has %d entries, want the call and the delivery: %v", selector, len(har.Log.Entries), err)
		}
		if reported, hidden := strings.Contains(text, key), !strings.Contains(selector, ":not"); reported == hidden {
			t.Errorf("%s contains the key: %v", selector, reported)
		}
	}

	// The run as a file that lint accepts.
	s.Press(`li[data-delivery] button[name=open]`)
	s.Press(`#detail button[name=save]`)
	s.Wait(`document.querySelector("dialog[data-dialog=save] pre")?.textContent.includes("after: 30s")`)
	s.Shot("save")
	file := s.Copies(func() { s.Click(`dialog button[name=save-copy]`) })
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := library.Lint(providers, "saved.yaml", []byte(file)); err != nil {
		t.Errorf("%v\n%s", err, file)
	}
	s.Want(`document.querySelector("dialog a[download$='.yaml']").href.startsWith("blob:")`)
}
