// Package har writes the journal's calls and attempts as an HTTP archive, which browsers' network panels and many other
// tools open.
//
// The form is HAR 1.2 (Jan Odvarko, http://www.softwareishard.com/blog/har-12-spec). What the form has no place for is
// said in fields that begin with an underscore, as it allows. Bodies that are not UTF-8 are in base64, with an encoding
// beside them. Everything is as it went over the wire, credentials and signatures included, unless [Options].Redact is
// set: the reader is the developer whose machine this is, but an archive is easily passed on.
//
// The package writes entries one by one, so that an archive need not be held in memory. Who reads the journal, and
// where the archive goes, is not its business.
package har

import (
	"encoding/json"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Options says how to write an archive. The zero value writes all as it was.
type Options struct {
	Version string // of the server, for the archive's creator
	Redact  bool   // write "redacted" in place of what is a key, a token, a signature or a secret by its name
}

// Begin appends what comes before the first entry.
func Begin(dst []byte, o Options) []byte {
	version, err := json.Marshal(o.Version)
	if err != nil {
		version = []byte(`""`) // cannot be: it is a string
	}
	dst = append(dst, `{"log":{"version":"1.2","creator":{"name":"idmock","version":`...)
	dst = append(dst, version...)
	return append(dst, `},"entries":[`...)
}

// End appends what comes after the last entry. comment, if not empty, is for people: what the archive lacks, say.
func End(dst []byte, comment string) []byte {
	dst = append(dst, ']')
	if text, err := json.Marshal(comment); err == nil && comment != "" {
		dst = append(append(dst, `,"comment":`...), text...)
	}
	return append(dst, '}', '}')
}

// Append appends an entry of the journal, without a comma. An entry that is neither a call nor an attempt is none of an
// archive's: ok is false, and dst as it was.
func Append(dst []byte, e store.Entry, o Options) (out []byte, ok bool, err error) {
	var made entry
	switch e.Kind {
	case journal.KindCall:
		c, err := journal.As[journal.Call](e)
		if err != nil {
			return dst, false, err
		}
		made = ofCall(c, e.Wall)
	case journal.KindAttempt:
		a, err := journal.As[journal.Attempt](e)
		if err != nil {
			return dst, false, err
		}
		made = ofAttempt(a)
	default:
		return dst, false, nil
	}
	made.Seq, made.Account, made.Kind = e.Seq, e.Account, e.Kind
	made.At = e.At.UTC().Format(stamp)
	if o.Redact {
		made.redact()
	}
	text, err := json.Marshal(made)
	return append(dst, text...), err == nil, err
}

// stamp is the form of a time.
const stamp = "2006-01-02T15:04:05.000Z07:00"

func ofCall(c journal.Call, wall time.Time) entry {
	made := entry{
		Started: wall.UTC().Format(stamp), Provider: c.Provider, Operation: c.Operation, Run: c.Run, Scenario: c.Scenario, Rule: c.Rule,
		Request: ofRequest(c.Method, "http://"+header(c.Request.Headers, "Host")+c.Path, c.Request.Headers, c.Request.Body),
	}
	made.Response = noResponse
	if c.Status != 0 { // a call that was never answered has no response
		made.Response = ofResponse(c.Status, c.Response.Headers, c.Response.Body)
	}
	if c.Error != nil {
		made.Error = c.Error.Message
	}
	took := ms(c.Duration)
	made.Time, made.Timings = took, timings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1, Wait: took}
	return made
}

func ofAttempt(a journal.Attempt) entry {
	made := entry{
		Started: a.Sent.UTC().Format(stamp), Provider: a.Provider, Event: a.Event, Run: a.Run, Delivery: a.Delivery, Attempt: a.N,
		Class: a.Class, Error: a.Error, Hint: a.Hint, Faults: a.Fault,
		Request: ofRequest(a.Request.Method, a.Request.URL, a.Request.Headers, a.Request.Body),
	}
	made.Response = noResponse
	if r := a.Response; r != nil {
		made.Response = ofResponse(r.Status, r.Headers, r.Body)
	}
	made.Timings = ofPhases(a.Phases)
	made.Time = made.Timings.total()
	return made
}
