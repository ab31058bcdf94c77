package mockserver

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// misanswer returns what faults make of the answer to a call, nil if none plays: those of its rule, and those that are set.
func (s *step) misanswer(ctx context.Context, p *provider, c *openapi.Call, ruled []scenarios.Fault, call *journal.Call) (*fault.Answer, error) {
	play, err := s.fitting(ctx, scenarios.InReply, p.Name, c.Operation.ID, "")
	if err == nil && len(ruled) > 0 {
		var own []scenarios.Fault
		own, err = s.asked(ctx, ruled, scenarios.InReply, call.Rule+" "+c.Operation.ID+" "+c.Subject)
		play = append(own, play...)
	}
	if err != nil || len(play) == 0 {
		return nil, err
	}
	call.Fault = faultNames(play)
	made := fault.Answered(play)
	return &made, nil
}

// undo takes back what a rule has made of a run, as its call has not happened. That it was asked counts all the same, or a
// rule with several replies would never come to its second.
func (r *run) undo(was scenarios.State) {
	calls := r.State.Calls
	r.State = was
	r.State.Calls = calls
}

// refused is the answer to a call that a fault turns down, in the provider's own shape.
func (s *step) refused(p *provider, c *openapi.Call, scope *template.Scope, wrong *fault.Answer) (Reply, error) {
	reply, err := p.Fail(c.Operation, wrong.Refuse, scope)
	if err != nil {
		return Reply{}, err
	}
	if wrong.RetryAfter > 0 {
		seconds := (wrong.RetryAfter + time.Second - 1) / time.Second
		reply.Header = append(reply.Header, [2]string{"Retry-After", strconv.Itoa(int(seconds))})
	}
	made := Reply{Reply: reply, Wrong: wrong}
	if wrong.Later > 0 {
		due := s.now.Add(wrong.Later)
		made.Wait = func(ctx context.Context) error { return s.account.clock.Wait(ctx, due) }
	}
	made.spoil()
	return made, nil
}

// spoil makes of an answer's header and body what its faults want.
func (r *Reply) spoil() {
	r.Hang = r.Hang || r.Wrong.Hang
	if r.Wrong.ContentType != "" {
		for i, h := range r.Header {
			if strings.EqualFold(h[0], "Content-Type") {
				r.Header[i][1] = r.Wrong.ContentType
			}
		}
	}
	if r.Wrong.Body != nil {
		r.Body = r.Wrong.Body(r.Body)
	}
}

// follow has an answer wait for something more.
func (r *Reply) follow(then func(context.Context) error) {
	before := r.Wait
	r.Wait = func(ctx context.Context) error {
		if before != nil {
			if err := before(ctx); err != nil {
				return err
			}
		}
		return then(ctx)
	}
}

// tellWrong says of a call what went out of its answer.
func tellWrong(call journal.Call, reply Reply) journal.Call {
	wrong := reply.Wrong
	if wrong.Keep == nil {
		return call
	}
	sent := wrong.Sent(len(reply.Body))
	call.Response.Body = journal.NewBody(reply.Body[:sent], int64(len(reply.Body)))
	if wrong.Reset && sent == 0 {
		call.Status, call.Response = 0, journal.Payload{}
		call.Error = &journal.CallError{Kind: "reset", Message: "a fault resets the connection instead of answering"}
	}
	return call
}

// misplay writes an answer that faults have spoilt.
func misplay(w http.ResponseWriter, r *http.Request, reply Reply) {
	wrong, control := reply.Wrong, http.NewResponseController(w)
	if wrong.Reset && wrong.Sent(len(reply.Body)) == 0 {
		breakOff(control)
	}
	w.WriteHeader(reply.Status)
	body := reply.Body
	if wrong.Keep != nil {
		body = body[:wrong.Sent(len(body))]
	}
	failed := drip(r.Context(), w, control, body, wrong)
	_ = control.Flush() // whoever called may have gone: the journal has what was said
	if failed != nil || wrong.Keep == nil {
		return
	}
	if wrong.Reset {
		breakOff(control)
	}
	panic(http.ErrAbortHandler) // ends the connection, with less sent than announced
}

// drip writes a body, in pieces if it is to take a while.
func drip(ctx context.Context, w http.ResponseWriter, control *http.ResponseController, body []byte, wrong *fault.Answer) error {
	if wrong.Over == 0 {
		_, err := w.Write(body)
		return err
	}
	pause := time.NewTicker(max(time.Millisecond, wrong.Over/time.Duration(wrong.Pieces)))
	defer pause.Stop()
	for size := max(1, (len(body)+wrong.Pieces-1)/wrong.Pieces); len(body) > 0; {
		n := min(size, len(body))
		if _, err := w.Write(body[:n]); err != nil {
			return err
		}
		if err := control.Flush(); err != nil {
			return err
		}
		body = body[n:]
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// breakOff resets the connection of a call and ends its handler.
func breakOff(control *http.ResponseController) {
	conn, _, err := control.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // there is no connection below, or not one of HTTP/1
	}
	if plain, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = plain.SetLinger(0) // closing then resets; on a connection that is gone there is nothing to reset
	}
	_ = conn.Close()
	panic(http.ErrAbortHandler)
}

// missing answers a call about a run that does not exist.
func (s *step) missing(ctx context.Context, p *provider, c *openapi.Call, example string, scope *template.Scope, call *journal.Call) (Reply, error) {
	wrong, err := s.misanswer(ctx, p, c, nil, call)
	if err != nil {
		return Reply{}, err
	}
	if wrong != nil && wrong.Refuse != 0 {
		return s.refused(p, c, scope, wrong)
	}
	reply, err := p.Reply(c.Operation, example, nil, scope)
	made := Reply{Reply: reply, Wrong: wrong}
	if wrong == nil || err != nil {
		return made, err
	}
	made.spoil()
	if wrong.Later > 0 {
		due := s.now.Add(wrong.Later)
		made.Wait = func(ctx context.Context) error { return s.account.clock.Wait(ctx, due) }
	}
	return made, nil
}
