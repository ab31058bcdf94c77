// Command probe is the health check of the image. `idmock health` does the same, but starting the whole program twice a second
// costs a tenth of a processor; this one costs next to nothing.
//
// It reads the server's address from IDMOCK_ADDR and ends with 1 if the server is not healthy.
package main

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// limit is shorter than the engine's, so that the reason is printed.
const limit = 2 * time.Second

func main() {
	if err := check(os.Getenv("IDMOCK_ADDR")); err != nil {
		_, _ = os.Stderr.WriteString("probe: " + err.Error() + "\n")
		os.Exit(1)
	}
}

// check requests the health of the server that listens on an address, over HTTP 1.0 without net/http and fmt, which would make it larger.
func check(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		port = "8080"
	}
	host := net.JoinHostPort("127.0.0.1", port)
	connection, err := net.DialTimeout("tcp", host, limit)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	if _, err := connection.Write([]byte("GET /_idmock/v1/health HTTP/1.0\r\nHost: " + host + "\r\n\r\n")); err != nil {
		return err
	}
	var first [512]byte // the status line comes at once
	n, err := connection.Read(first[:])
	if err != nil {
		return err
	}
	status, _, _ := strings.Cut(string(first[:n]), "\r\n")
	if fields := strings.Fields(status); len(fields) < 2 || fields[1] != "200" {
		return errors.New(host + ": " + strconv.Quote(status) + ", want 200")
	}
	return nil
}
