package widget_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/idmock/idmock/internal/localca"
	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
	"github.com/idmock/idmock/openapi/catalog"
)

// build installs the vendors' packages, with all versions pinned, and builds the page and the example with Vite. It returns the
// directory of testdata/npm/build.mjs. The test fails if a package cannot be fetched.
func build(t *testing.T) string {
	t.Helper()
	testenv.Need(t, "node", "npm")
	dir := t.TempDir()
	err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "npm")))
	if err == nil {
		err = copyExample(filepath.Join(dir, "example"), "vite")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"},
		{"node", "build.mjs"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		c := exec.CommandContext(ctx, command[0], command[1:]...)
		c.Dir = dir
		c.Env = append(os.Environ(), "NODE_ENV=development")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
		}
	}
	return dir
}

// realHosts starts a server for the real host names, and a browser that resolves them to it and trusts its CA.
func realHosts(t *testing.T) (*mockservertest.Server, context.Context) {
	t.Helper()
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	var hosts, rules []string
	for _, p := range providers {
		hosts = append(hosts, p.Hosts...)
	}
	a, err := localca.Open(t.TempDir(), hosts)
	if err != nil {
		t.Fatal(err)
	}
	s := mockservertest.Start(t, mockserver.Config{Start: began, Frozen: true, HostsAddr: "127.0.0.1:0", Certificate: a.Certificate})
	for _, host := range hosts {
		rules = append(rules, "MAP "+host+":443 "+s.HostsAddr().String())
	}
	block, _ := pem.Decode(a.PEM())
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return s, viewertest.StartProcess(t, chromedp.Flag("host-resolver-rules", strings.Join(rules, ",")),
		chromedp.Flag("ignore-certificate-errors-spki-list", base64.StdEncoding.EncodeToString(key[:])))
}

// The vendors' unchanged packages, with their built-in URLs, use the replacements on the real host names, mounted twice by
// React's strict mode.
func TestVendorsPackages(t *testing.T) {
	t.Parallel()
	dir := build(t)
	s, b := realHosts(t)
	t.Run("examples", func(t *testing.T) { testExamples(t, s, dir) })
	site := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(dir, "dist"))))
	t.Cleanup(site.Close)
	hooks := mockservertest.NewReceiver(t)
	faceAccount, kycAccount := s.Account("fioa0aaa"), s.Account("sandbox_pk_npm")
	faceAccount.Webhook(faces, hooks.URL)
	p := newTab(t, b)
	visit := func(query string) {
		t.Helper()
		// The packages load the scripts; FACEIO's does not show when it has loaded.
		p.openUntil(site.URL+"/?"+query, `window.mounted === 2 && typeof faceIO === "function" && window.IdentityKYC`)
	}

	ready := func() {
		p.wait(`(() => { try { return faceio.restartSession() === false; } catch { return false; } })()`)
	}
	var id string
	recognised := p.steady(func() string {
		visit("idmock_outcome=success")
		p.want(`[...document.scripts].filter((s) => s.src === "https://cdn.faceio.net/fio.js").length`, "2") // by two quick constructions
		ready()
		enrolled := p.ends(`faceio.enroll({payload: {whoami: 1}})`)
		if !strings.HasPrefix(enrolled, `{"resolved":{"facialId":"`) {
			return enrolled
		}
		id = strings.Split(enrolled, `"`)[5]
		p.wait(`faceio.restartSession() === true`)
		return p.ends(`faceio.authenticate()`)
	})
	if want := `{"resolved":{"facialId":"` + id + `","payload":{"whoami":1}}}`; recognised != want {
		t.Fatalf("recognised: %s, want %s", recognised, want)
	}
	faceAccount.Advance(time.Second)
	for !strings.Contains(string(hooks.Next().Body), id) { // interrupted enrolments have their webhooks, too
	}
	codes := p.steady(func() string {
		visit("idmock_outcome=MINORS_NOT_ALLOWED")
		ready()
		return p.eval(`(async () => [await faceio.enroll().catch((code) => code === faceio.fetchAllErrorCodes().MINORS_NOT_ALLOWED),
			...(await Promise.allSettled([faceio.liveness(), faceio.ageVerify()])).map((one) => one.reason)])()`)
	})
	if codes != "[true,23,23]" {
		t.Errorf("an outcome, and operations that the plan does not have: %s", codes)
	}

	for _, button := range []string{"react", "next"} {
		calls := p.steady(func() string {
			visit("idmock_outcome=success")
			p.wait(`(document.querySelector("#` + button + `").click(), document.querySelector("#identity-frame-component")) || calls.` + button + `.length > 0`)
			p.wait(`calls.` + button + `.length > 0 && !document.querySelector("#identity-frame-container")`)
			return p.eval(`calls.` + button + `[0].map((one) => one?.code ?? one?.eventInstance)`)
		})
		if calls != `["00","identity_verification_event"]` {
			t.Errorf("%s: called with %s", button, calls)
		}
	}
	if got := kycAccount.Journal(); len(got) == 0 {
		t.Error("nothing was asked for by the merchant's key")
	}
}
