package har

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/idmock/idmock/mockserver/journal"
)

// entry is one HTTP exchange. Fields with an underscore are extensions.
type entry struct {
	Started  string   `json:"startedDateTime"` // wall time, as HAR requires
	Time     float64  `json:"time"`            // ms, like all durations
	Request  request  `json:"request"`
	Response response `json:"response"`
	Cache    struct{} `json:"cache"`
	Timings  timings  `json:"timings"`

	Seq       uint64   `json:"_seq"` // of the journal
	Kind      string   `json:"_kind"`
	Account   string   `json:"_account"`
	At        string   `json:"_accountTime"`
	Planned   string   `json:"_plannedAccountTime,omitempty"` // of an attempt
	Provider  string   `json:"_provider,omitempty"`
	Operation string   `json:"_operation,omitempty"`
	Event     string   `json:"_event,omitempty"`
	Run       string   `json:"_run,omitempty"`
	Scenario  string   `json:"_scenario,omitempty"`
	Rule      string   `json:"_rule,omitempty"`
	Delivery  string   `json:"_delivery,omitempty"`
	Attempt   int      `json:"_attempt,omitempty"`
	Class     string   `json:"_class,omitempty"`
	Error     string   `json:"_error,omitempty"`
	Hint      string   `json:"_hint,omitempty"`
	Faults    []string `json:"_faults,omitempty"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type request struct {
	Method      string `json:"method"`
	URL         string `json:"url"`
	HTTPVersion string `json:"httpVersion"`
	Cookies     []pair `json:"cookies"`
	Headers     []pair `json:"headers"`
	Query       []pair `json:"queryString"`
	Body        *post  `json:"postData,omitempty"`
	HeadersSize int    `json:"headersSize"`
	BodySize    int64  `json:"bodySize"`
}

// post is a request's body. HAR defines no encoding for it, hence the underscore.
type post struct {
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"_encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

type response struct {
	Status      int     `json:"status"`
	StatusText  string  `json:"statusText"`
	HTTPVersion string  `json:"httpVersion"`
	Cookies     []pair  `json:"cookies"`
	Headers     []pair  `json:"headers"`
	Content     content `json:"content"`
	RedirectURL string  `json:"redirectURL"`
	HeadersSize int     `json:"headersSize"`
	BodySize    int64   `json:"bodySize"`
}

type content struct {
	Size     int64  `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

// noResponse is written if no response arrived, as browsers do.
var noResponse = response{HTTPVersion: "unknown", Cookies: []pair{}, Headers: []pair{}, Content: content{MimeType: "x-unknown"}, HeadersSize: -1, BodySize: -1}

func newRequest(method, address string, headers []journal.Header, body journal.Body) request {
	r := request{Method: method, URL: address, HTTPVersion: "HTTP/1.1", Cookies: []pair{}, Headers: pairs(headers), Query: []pair{}, HeadersSize: -1, BodySize: body.Size}
	for _, h := range headers {
		if !strings.EqualFold(h[0], "Cookie") {
			continue
		}
		if cookies, err := http.ParseCookie(h[1]); err == nil {
			for _, c := range cookies {
				r.Cookies = append(r.Cookies, pair{c.Name, c.Value})
			}
		}
	}
	_, query, _ := strings.Cut(address, "?")
	for param := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(param, "="); param != "" {
			r.Query = append(r.Query, pair{unescape(name), unescape(value)})
		}
	}
	if body.Size > 0 {
		r.Body = &post{MimeType: header(headers, "Content-Type")}
		r.Body.Text, r.Body.Encoding, r.Body.Comment = text(body)
	}
	return r
}

func newResponse(status int, headers []journal.Header, body journal.Body) response {
	r := response{Status: status, StatusText: http.StatusText(status), HTTPVersion: "HTTP/1.1", Cookies: []pair{}, Headers: pairs(headers),
		Content: content{Size: body.Size, MimeType: header(headers, "Content-Type")}, RedirectURL: header(headers, "Location"), HeadersSize: -1, BodySize: body.Size}
	for _, h := range headers {
		if !strings.EqualFold(h[0], "Set-Cookie") {
			continue
		}
		if c, err := http.ParseSetCookie(h[1]); err == nil {
			r.Cookies = append(r.Cookies, pair{c.Name, c.Value})
		}
	}
	r.Content.Text, r.Content.Encoding, r.Content.Comment = text(body)
	return r
}

// text returns a body as text if it is valid UTF-8, otherwise as base64.
func text(b journal.Body) (text, encoding, comment string) {
	text = string(b.Bytes)
	if !utf8.ValidString(text) {
		text, encoding = base64.StdEncoding.EncodeToString(b.Bytes), "base64"
	}
	if b.Truncated {
		comment = "truncated"
	}
	return text, encoding, comment
}

// unescape decodes a query component; an invalid one is returned unchanged.
func unescape(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

func pairs(headers []journal.Header) []pair {
	out := make([]pair, len(headers))
	for i, h := range headers {
		out[i] = pair{h[0], h[1]}
	}
	return out
}

func header(headers []journal.Header, name string) string {
	for _, h := range headers {
		if strings.EqualFold(h[0], name) {
			return h[1]
		}
	}
	return ""
}

// timings are the phases of an exchange in ms; -1 for a phase that does not apply.
type timings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"` // including SSL
	SSL     float64 `json:"ssl"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// newTimings converts phases. Time that belongs to no phase counts as blocked.
func newTimings(p journal.Phases) timings {
	t := timings{DNS: optional(p.DNS), Connect: optional(p.Connect + p.TLS), SSL: optional(p.TLS), Send: ms(p.Write), Wait: ms(p.Wait), Receive: ms(p.Read)}
	t.Blocked = max(0, ms(p.Total-p.DNS-p.Connect-p.TLS-p.Write-p.Wait-p.Read))
	return t
}

// total is the sum of the phases, which HAR requires an entry's time to be.
func (t timings) total() float64 {
	sum := 0.0
	for _, phase := range []float64{t.Blocked, t.DNS, t.Connect, t.Send, t.Wait, t.Receive} {
		sum += max(0, phase)
	}
	return sum
}

func optional(m journal.Millis) float64 {
	if m == 0 {
		return -1
	}
	return ms(m)
}

func ms(m journal.Millis) float64 { return float64(time.Duration(m).Microseconds()) / 1000 }
