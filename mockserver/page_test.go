package mockserver_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The first minute in a browser: register the built-in receiver, play a check that stays pending, see when it goes on,
// advance to it, and see it delivered.
func TestFirstMinuteInTheBrowser(t *testing.T) {
	t.Parallel()
	s := begin(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-component-update", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium (package chromium in Debian): %v", err)
	}
	ctx, cancel = context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatal(err)
		}
	}
	// until looks again whenever something on the page changes.
	until := func(condition string) {
		t.Helper()
		_, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](`new Promise((done, fail) => {
			const look = () => { if (!(`+condition+`)) return false; watch.disconnect(); done(true); return true; };
			const watch = new MutationObserver(look);
			setTimeout(() => fail(document.querySelector("#rows").textContent), 20000);
			if (!look()) watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
		})`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("never came true: %s: %v", condition, err)
		}
	}
	click := func(selector string) {
		t.Helper()
		do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
	}

	do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(s.URL()+"/"))
	until(`document.querySelector("#connection").dataset.state === "live" && document.querySelector("#play select").value`)
	click(`button[name=first-receiver]`)
	until(`document.querySelector("li[data-note=endpoint]")`)
	do(chromedp.SetValue(chromedp.CSS(`select[name=provider]`), provider))
	click(`button[name=first-play]`)
	until(`document.querySelector("li[data-call]")?.textContent.includes("PENDING")`)
	until(`document.querySelector("li[data-call] .due").textContent.startsWith("in ")`)
	click(`li[data-call] button[name=advance-to]`)
	until(`document.querySelector("li[data-delivery]")?.dataset.status === "delivered"`)
	until(`document.querySelector("li[data-call]").textContent.includes("VERIFIED")`)
	click(`li[data-delivery] button[name=open]`)
	until(`document.querySelector("#detail").textContent.includes("X-Identitypass-Signature")`)
	until(`document.querySelector("#detail").textContent.includes("Token")`)
	click(`#detail button[name=resend]`)
	until(`document.querySelectorAll("li[data-delivery][data-status=delivered]").length === 2`)

	if dir := os.Getenv("IDMOCK_ARTEFACTS"); dir != "" {
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "first-minute.png"), picture, 0o644)
		}
		if err != nil {
			t.Error(err)
		}
	}
}
