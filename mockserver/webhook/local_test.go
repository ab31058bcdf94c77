package webhook

import (
	"bufio"
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A machine out of descriptors delays an attempt. It is not the receiver's failure.
func TestSecurityDescriptors(t *testing.T) {
	for name, test := range map[string]struct {
		fails int
		want  Class
	}{"for a while": {20, OK}, "all the time": {math.MaxInt, Local}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewSender(Policy{}, "idmock/test")
				defer s.Close()
				failed := 0
				s.Connect = func(context.Context, string) (net.Conn, error) {
					if failed < test.fails {
						failed++
						return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
					}
					near, far := net.Pipe()
					go func() {
						defer far.Close()
						if r, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
							io.Copy(io.Discard, r.Body)                                                 //nolint:errcheck // Send reports it
							io.WriteString(far, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n") //nolint:errcheck // as above
						}
					}()
					return near, nil
				}
				const timeout = 5 * time.Second
				began := time.Now()
				a := s.Send(t.Context(), 1, Message{URL: "http://127.0.0.1:9/", Body: []byte(`{}`), Timeout: timeout})
				if a.Class != test.want || a.Accepted != (test.want == OK) || time.Since(began) > timeout+time.Second {
					t.Errorf("%s %q after %v and %d failures, want %s", a.Class, a.Error, time.Since(began), failed, test.want)
				}
			})
		})
	}
}
