package receiver

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// tampers change an event after it was signed.
var tampers = map[string]func(s *signedEvent, r *request){
	// One character of a value.
	"value": func(s *signedEvent, r *request) {
		for _, place := range []string{s.conf.Text, s.conf.Happened, s.conf.Required} {
			if text, ok := s.textAt(r.body, place); ok && len(text) > 0 {
				inside := append([]byte{'"'}, text...)
				if i := bytes.Index(r.body, inside); i >= 0 && text[0] < 0x80 {
					r.body = bytes.Clone(r.body)
					r.body[i+1] ^= 1
					return
				}
			}
		}
		r.body, _ = s.insert(r.body, `"note":"added"`)
	},
	// The same JSON in other bytes.
	"whitespace": func(_ *signedEvent, r *request) { r.body = bytes.Replace(r.body, []byte("{"), []byte("{ "), 1) },
	// The header that holds the event's id.
	"id": func(s *signedEvent, r *request) {
		for i, h := range r.header {
			if h[1] == s.id {
				r.header[i][1] = s.id + "x"
			}
		}
	},
	// The time, made fresh again under an old signature.
	"timestamp": func(s *signedEvent, r *request) {
		now := strconv.FormatInt(time.Now().Unix(), 10)
		for i, h := range r.header {
			if h[1] == s.ts() {
				r.header[i][1] = now
			} else if strings.Contains(h[1], s.good) {
				r.header[i][1] = strings.Replace(h[1], s.good, s.signature.Stamp(s.good, now), 1)
			}
		}
	},
	// A key of the sender's own, in each of the ways in which keys come along, for whoever takes it from there.
	"offered-key": func(s *signedEvent, r *request) { set(r, "Webhook-Public-Key", s.offered().text) },
	"offered-jwk": func(s *signedEvent, r *request) { set(r, "Jwk", s.offered().jwk) },
	"offered-jku": func(s *signedEvent, r *request) {
		set(r, "Jku", s.keysAt)
		set(r, "Kid", offeredKid)
	},
}
