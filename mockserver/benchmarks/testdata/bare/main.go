// Command bare is a minimal HTTP server, the baseline for the start of idmock.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("ready http://%s\n", l.Addr())
	err = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) //nolint:errcheck // it is answered all the same
		io.WriteString(w, "{}")     //nolint:errcheck // as above
	}))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
