package mockservertest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A server, its receiver and the application run in a bubble: retries over an hour take no wall time.
func TestNetworkInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(mockservertest.Network).New(t, mockserver.Config{})
		s.Start()
		defer s.Close()
		r := s.NewReceiver()
		r.Answer(mockservertest.Response{Status: 503}, mockservertest.Response{Delay: 2 * time.Second})
		a := s.Account("bubble")
		a.Webhook("identitypass", r.URL)
		began := time.Now()
		a.Call("identitypass", "verifyBVN", map[string]string{"number": "22222222222"})
		if err := s.Control().Accounts.Ended(t.Context(), a.Name); err != nil {
			t.Fatal(err)
		}
		attempts := mockservertest.Entries[journal.Attempt](a)
		if len(attempts) != 2 || !attempts[1].Accepted || len(r.Got()) != 2 || time.Since(began) < 32*time.Second {
			t.Errorf("%d attempts in %v: %+v", len(attempts), time.Since(began), attempts)
		}
	})
}

// A server reaches the receivers of its own network only, and a stopped one refuses connections.
func TestNetworkAddresses(t *testing.T) {
	t.Parallel()
	var n mockservertest.Network
	s := n.New(t, mockserver.Config{})
	s.Start()
	address := s.Addr().String()
	if c, err := n.Connect(t.Context(), address); err != nil {
		t.Error(err)
	} else if c.RemoteAddr().String() != address || c.Close() != nil {
		t.Errorf("connected to %v", c.RemoteAddr())
	}
	if c, err := n.Connect(t.Context(), "127.0.0.1:1"); c != nil || err != nil {
		t.Errorf("an unknown address: %v, %v", c, err)
	}
	s.Close()
	if c, err := n.Connect(t.Context(), address); c != nil || err == nil {
		t.Errorf("a stopped server: %v, %v", c, err)
	}
	if _, err := mockserver.NewOn(nil, mockserver.Config{HostsAddr: "127.0.0.1:0"}); err == nil {
		t.Error("real hosts on a listener: no error")
	}
}
