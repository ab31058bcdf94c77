package mockserver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/localca"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// Each real host is served over TLS with its own certificate, in HTTP/1.1 and HTTP/2; other hosts are refused.
func TestRealHostsOverTLS(t *testing.T) {
	t.Parallel()
	var hosts []string
	for _, p := range providers(t) {
		hosts = append(hosts, p.Hosts...)
	}
	a, err := localca.Open(t.TempDir(), hosts)
	if err != nil {
		t.Fatal(err)
	}
	s := mockservertest.Start(t, mockserver.Config{HostsAddr: "127.0.0.1:0", Certificate: a.Certificate})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	client := func(h2 bool) *http.Client {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: h2,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) { // as a network alias or /etc/hosts would
				return new(net.Dialer).DialContext(ctx, network, s.HostsAddr().String())
			}}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	for _, h2 := range []bool{false, true} {
		c := client(h2)
		for url, want := range map[string]string{
			"https://cdn.faceio.net/fio.js":                  "class faceIO",
			"https://js.prembly.com/v1/inline/widget-v3.js":  "IdentityKYC",
			"https://js.myidentitypay.com/v1/inline/kyc.js":  "IdentityKYC",
			"https://api.faceio.net/status":                  `"status":200`,
			"https://api.prembly.com/no/such":                "Authentication credentials",
			"https://api.myidentitypay.com/no/such":          "Unauthorized",
			"https://localhost/_idmock/v1/health":            "",
			"https://api.prembly.com/_idmock/v1/accounts":    "is not allowed", // a page that is led here by name drives nothing
			"https://cdn.faceio.net/_idmock/v1/openapi.yaml": "is not allowed",
		} {
			r, err := c.Get(url)
			if err != nil {
				t.Errorf("%s: %v", url, err)
				continue
			}
			body, err := io.ReadAll(r.Body)
			r.Body.Close()
			if err != nil || !strings.Contains(string(body), want) {
				t.Errorf("%s: %d %.200s, want %s (%v)", url, r.StatusCode, body, want, err)
			}
			if (r.ProtoMajor == 2) != h2 {
				t.Errorf("%s: spoken in %s", url, r.Proto)
			}
			if name := r.TLS.PeerCertificates[0].Subject.CommonName; name != r.Request.URL.Host {
				t.Errorf("%s: answered with the certificate of %s", url, name)
			}
		}
	}
	if _, err := client(true).Get("https://bank.example/"); err == nil {
		t.Error("a host that no provider has was answered")
	}
}

func TestHostsErrors(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", HostsAddr: taken.Addr().String(), Certificate: new(localca.Authority).Certificate})
	if err == nil || !strings.Contains(err.Error(), mockserver.ErrHosts.Error()) {
		t.Errorf("an address that is taken: %v", err)
	}
	if _, err = mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", HostsAddr: "127.0.0.1:0"}); err == nil {
		t.Error("without anything to make certificates with")
	}
}
