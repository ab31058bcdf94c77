package mockserver_test

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// While this machine is out of descriptors, webhooks are delayed, and use up no retry.
func TestSecurityDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n mockservertest.Network
		began := time.Now()
		const lack = 55 * time.Second // it ends within the time limit of an attempt
		s := n.New(t, mockserver.Config{Scenarios: lint(t, atOnce), Connect: func(ctx context.Context, address string) (net.Conn, error) {
			if time.Since(began) < lack {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
			}
			return n.Connect(ctx, address)
		}})
		s.Start()
		defer s.Close()
		a, r := with(t, s, "delayed")
		a.CallAs("at-once", provider, bvn, number(found))
		if err := s.Control().Accounts.Ended(t.Context(), a.Name); err != nil {
			t.Fatal(err)
		}
		attempts := mockservertest.Entries[journal.Attempt](a)
		if len(attempts) != 1 || !attempts[0].Accepted || attempts[0].N != 1 || len(r.Got()) != 1 || time.Since(began) < lack {
			t.Errorf("%d attempts after %v: %+v, want one that was delayed", len(attempts), time.Since(began), attempts)
		}
	})
}
