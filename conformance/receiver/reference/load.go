package reference

import (
	"net/http"
	"time"
)

// load is how much came in a second.
type load struct {
	second int64
	events int
}

// busier counts an event, and reports whether more than so many have come in this second.
func (r *Receiver) busier(limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now().Unix(); now != r.load.second {
		r.load = load{second: now}
	}
	r.load.events++
	return r.load.events > limit
}

// breaksOff is what a flaw does on a connection that was idle for three seconds or more: half a reply, and an end. It
// reports whether it did.
func (r *Receiver) breaksOff(w http.ResponseWriter, req *http.Request) bool {
	r.mu.Lock()
	before, now := r.used[req.RemoteAddr], time.Now()
	r.used[req.RemoteAddr] = now
	r.mu.Unlock()
	if before.IsZero() || now.Sub(before) < 3*time.Second {
		return false
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"rec")) // whoever has gone needs no answer
	conn.Close()
	return true
}
