package receiver

import (
	"bytes"
	"compress/gzip"
	"strconv"
	"strings"
)

// headerChanges change what stands in a request's head. signature says which headers carry the signature.
var headerChanges = map[string]func(r *request, signature func(name string) bool){
	"lower": func(r *request, _ func(string) bool) { rename(r, strings.ToLower) },
	"upper": func(r *request, _ func(string) bool) { rename(r, strings.ToUpper) },
	"mixed": func(r *request, _ func(string) bool) {
		rename(r, func(name string) string {
			b := []byte(strings.ToLower(name))
			for i := 1; i < len(b); i += 2 {
				b[i] = byte(strings.ToUpper(string(b[i]))[0])
			}
			return string(b)
		})
	},
	"reversed": func(r *request, _ func(string) bool) {
		for i, j := 1, len(r.header)-1; i < j; i, j = i+1, j-1 { // Host stays first
			r.header[i], r.header[j] = r.header[j], r.header[i]
		}
	},
	"many": func(r *request, _ func(string) bool) {
		r.header = append(r.header, [2]string{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
			[2]string{"X-Forwarded-For", "203.0.113.9, 10.0.0.1"}, [2]string{"X-Forwarded-Proto", "https"}, [2]string{"X-Forwarded-Host", "app.example"},
			[2]string{"Via", "1.1 gateway"}, [2]string{"CF-Ray", "8a0b1c2d3e4f-LOS"})
		for i := range 34 {
			r.header = append(r.header, [2]string{"X-Unknown-" + strconv.Itoa(i), "value"})
		}
	},
	"long":     func(r *request, _ func(string) bool) { set(r, "X-Long", strings.Repeat("x", 8<<10)) },
	"no-agent": func(r *request, _ func(string) bool) { set(r, "User-Agent", "") },
	"odd-agent": func(r *request, _ func(string) bool) {
		set(r, "User-Agent", "() { :;}; provider/1.0 (compatible; +bot)")
	},
	"foreign-origin": func(r *request, _ func(string) bool) {
		set(r, "Origin", "https://provider.example")
		set(r, "Referer", "https://provider.example/hooks")
		set(r, "Sec-Fetch-Site", "cross-site")
	},
	"close":          func(r *request, _ func(string) bool) { set(r, "Connection", "close") },
	"accept-nothing": func(r *request, _ func(string) bool) { set(r, "Accept", "application/json") },
	// The signature a second time, forged, before and after the good one.
	"forged-first": func(r *request, is func(string) bool) { double(r, is, true) },
	"forged-last":  func(r *request, is func(string) bool) { double(r, is, false) },
	// Of CloudEvents: in structured mode, and with the token in the query.
	"structured":  func(r *request, _ func(string) bool) { structured(r) },
	"query-token": queryToken,
	"gzip": func(r *request, _ func(string) bool) {
		set(r, "Content-Encoding", "gzip")
		r.body = gzipped(r.body)
	},
	// Of a body that was compressed before it was signed.
	"encoded": func(r *request, _ func(string) bool) { set(r, "Content-Encoding", "gzip") },
	"gzip-bomb": func(r *request, _ func(string) bool) {
		set(r, "Content-Encoding", "gzip")
		r.body = bomb()
	},
}

func gzipped(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func rename(r *request, change func(string) string) {
	for i, h := range r.header {
		r.header[i][0] = change(h[0])
	}
}

// set gives a header a value; an empty one takes it away.
func set(r *request, name, value string) {
	var kept [][2]string
	for _, h := range r.header {
		if !strings.EqualFold(h[0], name) {
			kept = append(kept, h)
		}
	}
	if value != "" {
		kept = append(kept, [2]string{name, value})
	}
	r.header = kept
}

func double(r *request, signature func(string) bool, first bool) {
	var made [][2]string
	for _, h := range r.header {
		forged := [2]string{h[0], flip(h[1])}
		switch {
		case !signature(h[0]):
			made = append(made, h)
		case first:
			made = append(made, forged, h)
		default:
			made = append(made, h, forged)
		}
	}
	r.header = made
}

// flip changes the middle of a text, where a signature's digest is.
func flip(s string) string {
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
