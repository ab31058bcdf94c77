package fault

import (
	"time"

	"github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/scenarios"
)

// Answer describes the changes of faults to a response. The zero value changes nothing.
type Answer struct {
	Later time.Duration // delay, in account time
	Hang  bool          // never respond
	// Refuse is the status that rejects the request before it has any effect. 0 accepts it.
	Refuse     int
	RetryAfter time.Duration // with Refuse; 0 omits it
	// ContentType and Body replace those of the response, unless empty or nil.
	ContentType string
	Body        func([]byte) []byte
	// Keep is the fraction of the announced body to send before closing the connection; nil for all of it.
	Keep  *float64
	Reset bool // reset the connection instead of closing it
	// Over is the wall time of sending the body, in Pieces.
	Over   time.Duration
	Pieces int
}

// Sent returns the number of bytes to send of a body of n bytes.
func (r *Answer) Sent(n int) int {
	switch {
	case r.Keep == nil || n == 0:
		return n
	case r.Reset:
		return int(float64(n) * *r.Keep)
	}
	return mutate.Share(n, *r.Keep)
}

// Answered combines the faults on a response.
func Answered(faults []scenarios.Fault) Answer {
	var answer Answer
	for _, f := range faults {
		if apply := implementations[f.Name].reply; apply != nil {
			apply(argsOf(f, scenarios.InReply), &answer)
		}
	}
	return answer
}

func latency(a args, r *Answer) { r.Later += a.duration("by") }

func hang(_ args, r *Answer) { r.Hang = true }

func tooManyRequests(a args, r *Answer) { r.Refuse, r.RetryAfter = 429, a.duration("retry-after") }

func serverError(a args, r *Answer) {
	r.Refuse, r.RetryAfter = a.number("status"), a.duration("retry-after")
}

func cutReply(a args, r *Answer) { r.Keep = new(a.share("keep")) }

func resetReply(a args, r *Answer) { r.Keep, r.Reset = new(a.share("keep")), true }

func wrongTypeReply(a args, r *Answer) { r.ContentType = a.text("type") }

func slowReply(a args, r *Answer) { r.Over, r.Pieces = a.duration("over"), max(1, a.number("pieces")) }

func malformed(a args, r *Answer) {
	format := a.text("as")
	r.then(func(body []byte) []byte {
		if format == "cut" {
			return body[:mutate.Share(len(body), 2.0/3)]
		}
		return []byte(mutate.Substitutes[format])
	})
}

func unknownFieldReply(a args, r *Answer) {
	r.then(func(body []byte) []byte {
		longer, err := mutate.AddMember.Apply(body, mutate.Args{Name: a.text("field"), Value: mutate.UnknownValue})
		if err != nil { // not an object
			return body
		}
		return longer
	})
}

// then adds a change to the body after existing ones.
func (r *Answer) then(change func([]byte) []byte) {
	before := r.Body
	r.Body = func(body []byte) []byte {
		if before != nil {
			body = before(body)
		}
		return change(body)
	}
}
