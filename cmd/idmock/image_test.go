package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/docs"
)

const (
	maxImageSize = 41_000_000 // bytes
	imageUID     = "65532"
	hostName     = "host.docker.internal" // this machine, as the container sees it
	rewritten    = "app.test"             // an unregistered name that the container rewrites to hostName
)

// TestImage builds the Dockerfile that ships and runs the container as a careful cluster would: nothing writable, no
// capability, no name for its user.
//
// See [theImage] for the image, and how to skip the test.
func TestImage(t *testing.T) {
	image := theImage(t)
	if image == "" {
		return
	}
	size, err := strconv.Atoi(docker(t, "image", "inspect", "--format", "{{.Size}}", image))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("image: %d bytes", size)
	if size >= maxImageSize {
		t.Errorf("image: %d bytes, want less than %d", size, maxImageSize)
	}

	container := docker(t, "run", "--detach", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
		"--add-host", hostName+":host-gateway", "--env", "IDMOCK_WEBHOOK_REWRITE="+rewritten+"="+hostName, "--publish", "127.0.0.1::8080", image)
	t.Cleanup(func() { removeContainer(t, container) })
	began := time.Now()
	awaitHealthy(t, container)
	t.Logf("healthy %v after docker run returned", time.Since(began).Round(time.Millisecond))
	if uid := strings.Fields(docker(t, "top", container, "-o", "pid,uid")); uid[len(uid)-1] != imageUID {
		t.Errorf("user of the process: %q, want %s", uid, imageUID)
	}
	if os.Getenv("IDMOCK_IMAGE") == "" {
		checkImageVersion(t, image, container)
	}
	checkImageRoots(t, container)

	base := "http://" + firstLine(docker(t, "port", container, "8080/tcp"))
	url, events, answer := holding(t, "0.0.0.0:0")
	port := url[strings.LastIndex(url, ":"):]
	hooks := "http://" + hostName + port + "/hooks"
	checkImageExplainsLoopback(t, base, "http://localhost"+port+"/hooks")
	checkImageJob(t, base, "http://"+rewritten+port+"/hooks", events, answer)
	checkImageDrains(t, container, base, hooks, events, answer)
}

// checkImageVersion compares program and labels with the version, commit and date of the build.
func checkImageVersion(t *testing.T, image, container string) {
	t.Helper()
	want := imageVersion + " commit " + imageCommit[:12] + " of " + imageDate + " go"
	if got := docker(t, "exec", container, "/idmock", "version"); !strings.HasPrefix(got, want) {
		t.Errorf("version %q, want %q…", got, want)
	}
	for label, want := range map[string]string{"version": imageVersion, "revision": imageCommit, "created": imageDate, "licenses": "MIT", "source": docs.Repository, "title": "idmock"} {
		format := `{{index .Config.Labels "org.opencontainers.image.` + label + `"}}`
		if got := docker(t, "image", "inspect", "--format", format, image); got != want {
			t.Errorf("label %s: %q, want %q", label, got, want)
		}
	}
}

// checkImageJob tests the main use of idmock: a pending check, and a webhook that confirms it.
func checkImageJob(t *testing.T, base, hooks string, events <-chan event, answer func()) {
	t.Helper()
	if status, body := call(t, http.MethodGet, base+"/_idmock/v1/ready", ""); status != http.StatusOK {
		t.Errorf("ready: status %d, want 200: %s", status, body)
	}
	if status, body := call(t, http.MethodPut, base+dashboard, `{"webhook_url":"`+hooks+`"}`); status != http.StatusOK {
		t.Fatalf("webhook: status %d: %s", status, body)
	}
	if status, body := call(t, http.MethodPost, base+"/_idmock/v1/clock?account=k", `{"rate":600}`); status != http.StatusOK {
		t.Fatalf("clock: status %d: %s", status, body)
	}
	reference, code := check(t, base, "22222222222")
	if code != "02" {
		t.Errorf("response code %q, want 02: pending", code)
	}
	got := next(t, events)
	answer()
	signature, err := base64.StdEncoding.DecodeString(got.header.Get("X-Identitypass-Signature"))
	if err != nil || !bytes.HasPrefix(signature, []byte("sandbox_pk_")) || got.header.Get("Token") != reference ||
		!bytes.Contains(got.body, []byte(`"response_code":"00"`)) {
		t.Errorf("event with signature %q and token %q, want one of reference %s: %s", signature, got.header.Get("Token"), reference, got.body)
	}
}

// checkImageExplainsLoopback registers a loopback address, which does not work inside a container. The error of the attempt
// says so, and how to fix it.
func checkImageExplainsLoopback(t *testing.T, base, hooks string) {
	t.Helper()
	control := base + "/_idmock/v1"
	for _, step := range [][2]string{
		{"/clock?account=loopback", `{"frozen":true}`},
		{"/endpoints?account=loopback", `{"provider":"identitypass","url":"` + hooks + `"}`},
		{"/play?account=loopback", `{"provider":"identitypass","scenario":"default"}`},
		{"/clock/advance?account=loopback", `{"by":"1s"}`},
	} {
		if status, body := call(t, http.MethodPost, control+step[0], step[1]); status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", step[0], status, body)
		}
	}
	_, attempt := call(t, http.MethodPost, control+"/wait?account=loopback", `{"outcome":"attempted","timeout":"10s"}`)
	for _, want := range []string{"which is this container itself", "register " + hostName, "--webhook-rewrite localhost=" + hostName} {
		if !bytes.Contains(attempt, []byte(want)) {
			t.Errorf("the attempt at %s does not say %q: %s", hooks, want, attempt)
		}
	}
}

// checkImageDrains stops the container as Docker does, in the middle of a delivery.
func checkImageDrains(t *testing.T, container, base, hooks string, events <-chan event, answer func()) {
	t.Helper()
	logs := beside(t, nil, "docker", "logs", "--follow", container)
	testWebhook(t, base, hooks)
	next(t, events)
	docker(t, "kill", "--signal", "TERM", container)
	logs.must(t, "msg=draining")
	answer()
	logs.must(t, "msg=drained")
	if code := docker(t, "wait", container); code != "0" {
		t.Errorf("exit code after SIGTERM: %s, want 0", code)
	}
	logs.must(t, "msg=delivery .*event=verification.completed .*attempt=1 outcome=ok")
}

// checkImageRoots proves that the image can verify https endpoints: its file of CA roots parses.
func checkImageRoots(t *testing.T, container string) {
	t.Helper()
	archive := tar.NewReader(strings.NewReader(docker(t, "cp", container+":/etc/ssl/certs/ca-certificates.crt", "-")))
	if _, err := archive.Next(); err != nil {
		t.Fatalf("CA roots: %v", err)
	}
	roots, err := io.ReadAll(archive)
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(roots) {
		t.Errorf("CA roots: none in %d bytes (%v)", len(roots), err)
	}
}
