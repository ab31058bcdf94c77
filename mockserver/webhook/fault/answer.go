package fault

import (
	"time"

	"github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/scenarios"
)

// Answer is what faults make of the answer to a call. The zero value changes nothing.
type Answer struct {
	Later time.Duration // account time for which it is held back
	Hang  bool          // it never comes
	// Refuse is the status with which the call is refused, before anything has happened. 0 does not.
	Refuse     int
	RetryAfter time.Duration // told with a refusal; 0 is not told
	// ContentType and Body replace the answer's where they are not empty or nil.
	ContentType string
	Body        func([]byte) []byte
	// Keep is how much of the body goes out, of all that is announced, before the connection ends; nil: all of it.
	Keep  *float64
	Reset bool // the connection ends by being reset
	// Over is the wall time that the body takes, in Pieces.
	Over   time.Duration
	Pieces int
}

// Sent is how many bytes of a body of so many go out.
func (r *Answer) Sent(n int) int {
	switch {
	case r.Keep == nil || n == 0:
		return n
	case r.Reset:
		return int(float64(n) * *r.Keep)
	}
	return mutate.Share(n, *r.Keep)
}

// Answered returns what faults make of an answer.
func Answered(faults []scenarios.Fault) Answer {
	var made Answer
	for _, f := range faults {
		if do := verbs[f.Name].reply; do != nil {
			do(argsOf(f, scenarios.InReply), &made)
		}
	}
	return made
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
	as := a.text("as")
	r.then(func(body []byte) []byte {
		if as == "cut" {
			return body[:mutate.Share(len(body), 2.0/3)]
		}
		return []byte(mutate.Substitutes[as])
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

// then changes the body after what changes it already.
func (r *Answer) then(change func([]byte) []byte) {
	before := r.Body
	r.Body = func(body []byte) []byte {
		if before != nil {
			body = before(body)
		}
		return change(body)
	}
}
