// Package har writes journal entries as an HTTP archive (HAR), the format of browsers' network panels.
//
// The format is HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec). Fields of our own begin with an underscore, as
// it allows. Times are wall time, except in fields whose names end in AccountTime. Bodies that are not valid UTF-8 are
// encoded as base64. Credentials and signatures are included unless [Options].Redact is set.
//
// Entries are written one by one, so that an archive is never held in memory. Reading the journal and serving the
// archive do not belong here.
package har

import (
	"encoding/json"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Options configures an archive. The zero value writes everything unchanged.
type Options struct {
	Version string // version of the server
	Redact  bool   // replace keys, tokens, signatures and secrets, recognised by name
}

// Begin appends the head of an archive, up to the first entry.
func Begin(dst []byte, o Options) []byte {
	version, err := json.Marshal(o.Version)
	if err != nil {
		version = []byte(`""`) // unreachable: strings always encode
	}
	dst = append(dst, `{"log":{"version":"1.2","creator":{"name":"idmock","version":`...)
	dst = append(dst, version...)
	return append(dst, `},"entries":[`...)
}

// End appends the tail of an archive. A comment, if not empty, tells readers about gaps, for instance.
func End(dst []byte, comment string) []byte {
	dst = append(dst, ']')
	if text, err := json.Marshal(comment); err == nil && comment != "" {
		dst = append(append(dst, `,"comment":`...), text...)
	}
	return append(dst, '}', '}')
}

// Append appends a journal entry, without a comma. For an entry that is neither a call nor an attempt it returns dst
// unchanged and false.
func Append(dst []byte, e store.Entry, o Options) (out []byte, ok bool, err error) {
	var converted entry
	switch e.Kind {
	case journal.KindCall:
		c, err := journal.As[journal.Call](e)
		if err != nil {
			return dst, false, err
		}
		converted = fromCall(c, e.Wall)
	case journal.KindAttempt:
		a, err := journal.As[journal.Attempt](e)
		if err != nil {
			return dst, false, err
		}
		converted = fromAttempt(a)
	default:
		return dst, false, nil
	}
	converted.Seq, converted.Account, converted.Kind = e.Seq, e.Account, e.Kind
	converted.At = e.At.UTC().Format(timeFormat)
	if o.Redact {
		converted.redact()
	}
	text, err := json.Marshal(converted)
	return append(dst, text...), err == nil, err
}

const timeFormat = "2006-01-02T15:04:05.000Z07:00"

func fromCall(c journal.Call, wall time.Time) entry {
	out := entry{
		Started: wall.UTC().Format(timeFormat), Provider: c.Provider, Operation: c.Operation, Run: c.Run, Scenario: c.Scenario, Rule: c.Rule,
		Request: newRequest(c.Method, "http://"+header(c.Request.Headers, "Host")+c.Path, c.Request.Headers, c.Request.Body),
	}
	out.Response = noResponse
	if c.Status != 0 { // no response was sent
		out.Response = newResponse(c.Status, c.Response.Headers, c.Response.Body)
	}
	if c.Error != nil {
		out.Error = c.Error.Message
	}
	duration := ms(c.Duration)
	out.Time, out.Timings = duration, timings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1, Wait: duration}
	return out
}

func fromAttempt(a journal.Attempt) entry {
	out := entry{
		Started: a.Sent.UTC().Format(timeFormat), Provider: a.Provider, Event: a.Event, Run: a.Run, Delivery: a.Delivery, Attempt: a.N,
		Class: a.Class, Error: a.Error, Hint: a.Hint, Faults: a.Fault, Planned: a.Planned.UTC().Format(timeFormat),
		Request: newRequest(a.Request.Method, a.Request.URL, a.Request.Headers, a.Request.Body),
	}
	out.Response = noResponse
	if r := a.Response; r != nil {
		out.Response = newResponse(r.Status, r.Headers, r.Body)
	}
	out.Timings = newTimings(a.Phases)
	out.Time = out.Timings.total()
	return out
}
