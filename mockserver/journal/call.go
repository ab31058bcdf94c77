package journal

import "slices"

// Call is a request to a provider and its response.
type Call struct {
	ID        string     `json:"id"`
	Provider  string     `json:"provider"`
	Operation string     `json:"operation,omitempty"` // operationId; empty if no operation matched
	Run       string     `json:"run,omitempty"`
	Scenario  string     `json:"scenario,omitempty"`
	Rule      string     `json:"rule,omitempty"`
	Method    string     `json:"method"`
	Path      string     `json:"path"` // including the query
	Request   Payload    `json:"request"`
	Status    int        `json:"status"`
	Response  Payload    `json:"response"`
	Duration  Millis     `json:"duration_ms"`
	Error     *CallError `json:"error,omitempty"` // set if the request was rejected
	Fault     []string   `json:"fault,omitempty"` // names of the faults applied to the response
}

// Payload is the headers and body of a request or response.
type Payload struct {
	Headers []Header `json:"headers"`
	Body    Body     `json:"body"`
}

// CallError is the reason that a request was rejected before any scenario ran.
type CallError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

var _ Data = Call{}

// Kind is KindCall.
func (Call) Kind() string { return KindCall }

// Append appends the JSON object to dst.
func (c Call) Append(dst []byte) []byte {
	dst = slices.Grow(dst, 384+c.Request.room()+c.Response.room())
	dst = text(dst, `{"id":`, c.ID)
	dst = text(dst, `,"provider":`, c.Provider)
	dst = optional(dst, `,"operation":`, c.Operation)
	dst = optional(dst, `,"run":`, c.Run)
	dst = optional(dst, `,"scenario":`, c.Scenario)
	dst = optional(dst, `,"rule":`, c.Rule)
	dst = text(dst, `,"method":`, c.Method)
	dst = text(dst, `,"path":`, c.Path)
	dst = c.Request.append(dst, `,"request":{"headers":`)
	dst = integer(dst, `,"status":`, c.Status)
	dst = c.Response.append(dst, `,"response":{"headers":`)
	dst = append(dst, `,"duration_ms":`...)
	dst = c.Duration.append(dst)
	if e := c.Error; e != nil {
		dst = text(dst, `,"error":{"kind":`, e.Kind)
		dst = text(dst, `,"message":`, e.Message)
		dst = optional(dst, `,"field":`, e.Field)
		dst = append(dst, '}')
	}
	dst = list(dst, `,"fault":`, c.Fault)
	return append(dst, '}')
}

// MarshalJSON is Append.
func (c Call) MarshalJSON() ([]byte, error) { return c.Append(nil), nil }

func (p Payload) append(dst []byte, open string) []byte {
	dst = headers(append(dst, open...), p.Headers)
	dst = p.Body.Append(append(dst, `,"body":`...))
	return append(dst, '}')
}

func (p Payload) room() int { return room(p.Headers, p.Body) }
