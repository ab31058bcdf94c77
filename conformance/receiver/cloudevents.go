package receiver

import (
	"encoding/json"
	"net/url"
	"strings"
)

// structured makes a CloudEvent in structured mode of one in binary mode: the headers ce-… become members beside data,
// which is the body (CloudEvents, HTTP protocol binding 1.0, section 3.2).
func structured(r *request) {
	event := map[string]json.RawMessage{"data": r.body}
	var kept [][2]string
	for _, h := range r.header {
		name := strings.ToLower(h[0])
		if attribute, ok := strings.CutPrefix(name, "ce-"); ok {
			event[attribute] = quote(h[1])
		} else if name == "content-type" {
			event["datacontenttype"] = quote(h[1])
			kept = append(kept, [2]string{h[0], "application/cloudevents+json"})
		} else {
			kept = append(kept, h)
		}
	}
	if body, err := json.Marshal(event); err == nil { // a body that is no JSON stays as it is
		r.header, r.body = kept, body
	}
}

// queryToken moves a bearer token into the query (RFC 6750, section 2.3).
func queryToken(r *request, signature func(name string) bool) {
	var kept [][2]string
	for _, h := range r.header {
		if !signature(h[0]) {
			kept = append(kept, h)
			continue
		}
		_, token, _ := strings.Cut(h[1], " ")
		r.query("access_token=" + url.QueryEscape(token))
	}
	r.header = kept
}
