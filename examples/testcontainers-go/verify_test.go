// Package verify shows a test against the image, for apps whose tests run the whole system in containers. A test in Go needs no
// container: see examples/go.
package verify

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// host is this machine, as the container sees it.
const host = "host.docker.internal"

func TestVerification(t *testing.T) {
	container, err := testcontainers.Run(t.Context(), cmp.Or(os.Getenv("IDMOCK_IMAGE"), "ghcr.io/idmock/idmock:v0.1"),
		testcontainers.WithExposedPorts("8080/tcp"),
		testcontainers.WithHostConfigModifier(addHost),
		testcontainers.WithWaitStrategy(wait.ForLog("ready http")))
	testcontainers.CleanupContainer(t, container)
	if err != nil {
		t.Fatal(err)
	}
	idmock, err := container.PortEndpoint(t.Context(), "8080/tcp", "http")
	if err != nil {
		t.Fatal(err)
	}

	var received atomic.Int32
	port := app(t, func(w http.ResponseWriter, _ *http.Request) {
		if received.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	control := idmock + "/_idmock/v1/%s?account=testcontainers"
	post(t, fmt.Sprintf(control, "clock"), `{"frozen":true}`)
	post(t, fmt.Sprintf(control, "endpoints"), fmt.Sprintf(`{"provider":"identitypass","url":"http://%s:%d/webhooks"}`, host, port))
	check := post(t, idmock+"/identitypass/api/v2/biometrics/merchant/data/verification/bvn", `{"number":"22222222222"}`)
	if check["response_code"] != "02" {
		t.Errorf("response code %v, want 02: pending", check["response_code"])
	}
	post(t, fmt.Sprintf(control, "clock/advance"), `{"by":"1h"}`)
	if n := received.Load(); n != 2 {
		t.Errorf("%d webhooks, want one and its retry", n)
	}
}

// app starts the application on all addresses, because the container does not reach loopback, and returns its port.
func app(t *testing.T, handler http.HandlerFunc) int {
	t.Helper()
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return listener.Addr().(*net.TCPAddr).Port
}

// post sends JSON with the account's key and decodes the response.
func post(t *testing.T, url, body string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", "testcontainers")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var decoded map[string]any
	if err := json.NewDecoder(response.Body).Decode(&decoded); err != nil || response.StatusCode >= 300 {
		t.Fatalf("%s: status %d: %v %v", url, response.StatusCode, decoded, err)
	}
	return decoded
}
