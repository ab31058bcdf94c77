package mutate

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/idmock/idmock/conformance/receiver/wire"
	table "github.com/idmock/idmock/mockserver/webhook/mutate"
)

// headers are the words for changed headers. signed reports which headers carry the signature.
var headers = map[string]func(r *wire.Request, signed func(name string) bool) error{
	"lower":    rename(strings.ToLower),
	"upper":    rename(strings.ToUpper),
	"mixed":    rename(mixedCase),
	"reversed": reverse,
	"many":     many,

	"long":           set("X-Long", strings.Repeat("x", 8<<10)),
	"no-agent":       set("User-Agent", ""),
	"odd-agent":      set("User-Agent", "() { :;}; provider/1.0 (compatible; +bot)"),
	"foreign-origin": set("Origin", "https://provider.example", "Referer", "https://provider.example/hooks", "Sec-Fetch-Site", "cross-site"),
	"from-loopback":  set("X-Forwarded-For", "127.0.0.1", "X-Real-IP", "127.0.0.1", "Forwarded", "for=127.0.0.1;host=localhost", "True-Client-IP", "127.0.0.1"),
	"from-internal":  set("X-Forwarded-For", "10.0.0.1", "X-Internal-Request", "true", "X-Envoy-Internal", "true", "X-Original-URL", "/health"),
	"from-debug":     set("X-Debug", "1", "X-Test", "true", "X-Skip-Signature", "1", "X-Environment", "test"),
	"from-host":      set("X-Forwarded-Host", "localhost", "X-Original-Host", "localhost", "Origin", "http://localhost", "Referer", "http://localhost/"),
	"from-provider":  fromProvider,
	"verified":       set("X-Verified", "true", "X-Signature-Verified", "true", "X-Webhook-Verified", "1"),
	"close":          set("Connection", "close"),
	"accept-nothing": set("Accept", "application/json"),

	// The signature twice: a forged one before or behind the valid one.
	"forged-first": func(r *wire.Request, signed func(string) bool) error { return double(r, signed, true) },
	"forged-last":  func(r *wire.Request, signed func(string) bool) error { return double(r, signed, false) },

	"structured":  structured,
	"query-token": queryToken,

	"gzip":      encode(table.Gzip),
	"gzip-bomb": encode(table.GzipBomb),
	"encoded":   set("Content-Encoding", "gzip"), // of a body that was compressed before it was signed
}

// HasHeaders reports whether headers can be changed by this word.
func HasHeaders(word string) bool { return headers[word] != nil }

// set sets headers, names and values in turn. An empty value removes the header.
func set(fields ...string) func(*wire.Request, func(string) bool) error {
	return func(r *wire.Request, _ func(string) bool) error {
		for i := 0; i < len(fields); i += 2 {
			r.Header = table.Set(r.Header, fields[i], fields[i+1])
		}
		return nil
	}
}

// encode compresses the body after it was signed.
func encode(m table.Mutation) func(*wire.Request, func(string) bool) error {
	return func(r *wire.Request, _ func(string) bool) error {
		r.Header = table.Set(r.Header, "Content-Encoding", "gzip")
		return changeBody(r, m, table.Args{})
	}
}

func rename(change func(string) string) func(*wire.Request, func(string) bool) error {
	return func(r *wire.Request, _ func(string) bool) error {
		for i, h := range r.Header {
			r.Header[i][0] = change(h[0])
		}
		return nil
	}
}

// fromProvider adds what an allow list of senders might look at.
func fromProvider(r *wire.Request, _ func(string) bool) error {
	return set("X-Forwarded-For", "203.0.113.10", "Forwarded", "for=203.0.113.10;host=api.provider.example", "Origin", "https://api.provider.example",
		"User-Agent", "Provider-Webhooks/1.0", "X-Client-Cert-Verified", "SUCCESS", "X-Provider", "true")(r, nil)
}

func mixedCase(name string) string {
	b := []byte(strings.ToLower(name))
	for i := 1; i < len(b); i += 2 {
		b[i] = byte(strings.ToUpper(string(b[i]))[0])
	}
	return string(b)
}

// reverse turns the order around. Host stays first.
func reverse(r *wire.Request, _ func(string) bool) error {
	for i, j := 1, len(r.Header)-1; i < j; i, j = i+1, j-1 {
		r.Header[i], r.Header[j] = r.Header[j], r.Header[i]
	}
	return nil
}

// many adds the headers of proxies and gateways, and 34 unknown ones.
func many(r *wire.Request, _ func(string) bool) error {
	r.Header = append(r.Header, [2]string{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		[2]string{"X-Forwarded-For", "203.0.113.9, 10.0.0.1"}, [2]string{"X-Forwarded-Proto", "https"}, [2]string{"X-Forwarded-Host", "app.example"},
		[2]string{"Via", "1.1 gateway"}, [2]string{"CF-Ray", "8a0b1c2d3e4f-LOS"})
	for i := range 34 {
		r.Header = append(r.Header, [2]string{"X-Unknown-" + strconv.Itoa(i), "value"})
	}
	return nil
}

func double(r *wire.Request, signed func(string) bool, forgedFirst bool) error {
	var doubled [][2]string
	for _, h := range r.Header {
		forged := [2]string{h[0], falsify(h[1])}
		switch {
		case !signed(h[0]):
			doubled = append(doubled, h)
		case forgedFirst:
			doubled = append(doubled, forged, h)
		default:
			doubled = append(doubled, h, forged)
		}
	}
	r.Header = doubled
	return nil
}

// falsify changes up to six characters after two thirds of a text, which is within a signature's digest.
func falsify(s string) string {
	b := []byte(s)
	for i := len(b) * 2 / 3; i < len(b)-2 && i < len(b)*2/3+6; i++ {
		if b[i] != 'A' && b[i] != '=' && b[i] != ',' {
			b[i] = 'A'
		} else if b[i] == 'A' {
			b[i] = 'B'
		}
	}
	return string(b)
}

// structured turns a CloudEvent in binary mode into structured mode: the headers ce-… become members next to data, which
// is the body (CloudEvents, HTTP protocol binding 1.0, section 3.2). A body that is not JSON stays in binary mode.
func structured(r *wire.Request, _ func(string) bool) error {
	event := map[string]json.RawMessage{"data": r.Body}
	var kept [][2]string
	for _, h := range r.Header {
		name := strings.ToLower(h[0])
		if attribute, ok := strings.CutPrefix(name, "ce-"); ok {
			event[attribute] = json.RawMessage(table.Quote(h[1]))
		} else if name == "content-type" {
			event["datacontenttype"] = json.RawMessage(table.Quote(h[1]))
			kept = append(kept, [2]string{h[0], "application/cloudevents+json"})
		} else {
			kept = append(kept, h)
		}
	}
	if body, err := json.Marshal(event); err == nil {
		r.Header, r.Body = kept, body
	}
	return nil
}

// queryToken moves a bearer token into the query (RFC 6750, section 2.3).
func queryToken(r *wire.Request, signed func(string) bool) error {
	var kept [][2]string
	for _, h := range r.Header {
		if !signed(h[0]) {
			kept = append(kept, h)
			continue
		}
		_, token, _ := strings.Cut(h[1], " ")
		r.AddQuery("access_token=" + url.QueryEscape(token))
	}
	r.Header = kept
	return nil
}
