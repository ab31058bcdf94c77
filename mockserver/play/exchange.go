package play

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/journal/redact"
)

// Kinds of exchanges.
const (
	exchangeRequest = "request" // of the application, or of the player in its place
	exchangeWebhook = "webhook" // an attempt
)

// Exchange is a request with its response, without secrets.
type Exchange struct {
	Kind     string    `json:"kind"`         // exchangeRequest or exchangeWebhook
	Name     string    `json:"name"`         // operation or event
	At       time.Time `json:"account_time"` // when it was journalled
	Attempt  int       `json:"attempt,omitempty"`
	Request  Message   `json:"request"`
	Response *Message  `json:"response,omitempty"` // nil: none arrived
	Error    string    `json:"error,omitempty"`
}

// Message is a request or a response.
type Message struct {
	Method  string           `json:"method,omitempty"`
	URL     string           `json:"url,omitempty"`
	Status  int              `json:"status,omitempty"`
	Headers []journal.Header `json:"headers"`
	Body    journal.Body     `json:"body"`
}

func callExchange(d journal.Call, at time.Time) Exchange {
	e := Exchange{Kind: exchangeRequest, Name: operationOf(d), At: at, Request: message(d.Request.Headers, d.Request.Body)}
	e.Request.Method, e.Request.URL = d.Method, redact.URL(d.Path)
	if d.Error != nil {
		e.Error = d.Error.Message
	}
	if d.Status != 0 {
		e.Response = new(message(d.Response.Headers, d.Response.Body))
		e.Response.Status = d.Status
	}
	return e
}

func attemptExchange(d journal.Attempt, at time.Time) Exchange {
	e := Exchange{Kind: exchangeWebhook, Name: d.Event, At: at, Attempt: d.N, Request: message(d.Request.Headers, d.Request.Body), Error: d.Error}
	e.Request.Method, e.Request.URL = d.Request.Method, redact.URL(d.Request.URL)
	if d.Response != nil {
		e.Response = new(message(d.Response.Headers, d.Response.Body))
		e.Response.Status = d.Response.Status
	}
	return e
}

func message(headers []journal.Header, body journal.Body) Message {
	mediaType := ""
	for _, h := range headers {
		if strings.EqualFold(h[0], "Content-Type") {
			mediaType = h[1]
		}
	}
	body.Bytes = redact.Bytes(body.Bytes, mediaType)
	return Message{Headers: redact.Headers(headers), Body: body}
}

// hide redacts the values of headers.
func (m Message) hide(names []string) {
	for i, h := range m.Headers {
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, h[0]) }) {
			m.Headers[i][1] = redact.Redacted
		}
	}
}

// maxText is how much of a body a JUnit report shows, in bytes. The JSON report has all of it that the journal keeps.
const maxText = 4 << 10

// text returns the exchange as HTTP shows it.
func (e Exchange) text() string {
	title := fmt.Sprintf("%s %s", e.Kind, e.Name)
	if e.Attempt > 0 {
		title += fmt.Sprintf(", attempt %d", e.Attempt)
	}
	lines := []string{title + ", account time " + e.At.UTC().Format(time.RFC3339)}
	lines = append(lines, e.Request.lines("> ", fmt.Sprintf("%s %s", e.Request.Method, e.Request.URL))...)
	if e.Response != nil {
		lines = append(lines, e.Response.lines("< ", fmt.Sprint(e.Response.Status))...)
	}
	if e.Error != "" {
		lines = append(lines, "error: "+e.Error)
	}
	return strings.Join(lines, "\n")
}

func (m Message) lines(prefix, first string) []string {
	lines := []string{prefix + first}
	for _, h := range m.Headers {
		lines = append(lines, prefix+h[0]+": "+h[1])
	}
	body := m.Body.Bytes
	if len(body) > maxText {
		for body = body[:maxText]; len(body) > 0 && !utf8.Valid(body); {
			body = body[:len(body)-1]
		}
	}
	if len(body) > 0 {
		lines = append(lines, prefix, prefix+strings.ReplaceAll(string(body), "\n", "\n"+prefix))
	}
	if int64(len(body)) < m.Body.Size {
		lines = append(lines, fmt.Sprintf("%s(%d bytes in all)", prefix, m.Body.Size))
	}
	return lines
}
