package reference

import (
	"net/http"
	"time"
)

// load counts the events of one second.
type load struct {
	second int64
	events int
}

// overLimit counts an event and reports whether this second had more than limit events.
func (r *Receiver) overLimit(limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now().Unix(); now != r.load.second {
		r.load = load{second: now}
	}
	r.load.events++
	return r.load.events > limit
}

// breakIdle sends half a response and closes the connection if it was idle for at least three seconds, and reports
// whether it did. It implements BreaksIdleConnection.
func (r *Receiver) breakIdle(w http.ResponseWriter, req *http.Request) bool {
	r.mu.Lock()
	last, now := r.lastUse[req.RemoteAddr], time.Now()
	r.lastUse[req.RemoteAddr] = now
	r.mu.Unlock()
	if last.IsZero() || now.Sub(last) < 3*time.Second {
		return false
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"rec")) // an error means that the client disconnected
	conn.Close()
	return true
}
