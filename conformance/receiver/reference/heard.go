package reference

import (
	"bytes"
	"net"
	"net/http"
	"sync"
)

// hearing is a listener whose connections remember what came: net/http spells header names anew, and a flaw is about how
// they were spelt.
type hearing struct{ net.Listener }

func (h hearing) Accept() (net.Conn, error) {
	c, err := h.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &heard{Conn: c}, nil
}

type heard struct {
	net.Conn
	mu  sync.Mutex
	raw bytes.Buffer
}

type heardKey struct{}

func (h *heard) Read(b []byte) (int, error) {
	n, err := h.Conn.Read(b)
	h.mu.Lock()
	h.raw.Write(b[:n])
	h.mu.Unlock()
	return n, err
}

// spelt reports whether a header came in exactly this spelling.
func spelt(r *http.Request, name string) bool {
	h, ok := r.Context().Value(heardKey{}).(*heard)
	if !ok {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return bytes.Contains(h.raw.Bytes(), []byte("\r\n"+name+": "))
}
