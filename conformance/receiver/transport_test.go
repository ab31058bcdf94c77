package receiver

import (
	"net"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// A receiver that listens on IPv4 and IPv6 at localhost is tested over both.
func TestIPv6(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	_, port, err := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(target.URL, "http://"), "/hooks"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp6", "[::1]:"+port)
	if err != nil {
		t.Fatal(err)
	}
	other := reference.New(reference.Config{Scheme: "standard-webhooks", Secrets: secrets})
	served := make(chan struct{})
	go func() { defer close(served); _ = other.Serve(listener) }()
	t.Cleanup(func() {
		listener.Close()
		<-served
		other.Close()
	})
	for host, want := range map[string]conformance.Verdict{"localhost": conformance.Pass, "127.0.0.1": conformance.NotApplicable} {
		target := target
		target.URL = "http://" + host + ":" + port + "/hooks"
		target.Only, target.Strict = []string{"http/ipv6"}, true
		if r := run(t, target).Results[0]; r.Verdict != want {
			t.Errorf("%s: %s: %s%s", host, r.Verdict, r.Reason, tail(r))
		}
	}
}
