package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// drawFaults returns the faults of the response, those of its rule and those that are set; nil if there are none.
func (q *request) drawFaults(ctx context.Context, ruled []scenarios.Fault) (*fault.Answer, error) {
	c := q.call
	apply, err := q.engine.Faults.Set(ctx, q.Tx, q.account, faults.Target{On: scenarios.InReply, Provider: q.provider.Name, Name: c.Operation.ID})
	if err == nil && len(ruled) > 0 {
		var own []scenarios.Fault
		own, err = q.engine.Faults.OfRule(ctx, q.Tx, q.account, ruled, scenarios.InReply, q.entry.Rule+" "+c.Operation.ID+" "+c.Subject)
		apply = append(own, apply...)
	}
	if err != nil || len(apply) == 0 {
		return nil, err
	}
	q.entry.Fault = faults.Names(apply)
	result := fault.Answered(apply)
	return &result, nil
}

// refuse is the response to a request that a fault refuses, in the provider's own form.
func (q *request) refuse(faults *fault.Answer) (Response, error) {
	reply, err := q.provider.Fail(q.call.Operation, faults.Refuse, q.scope)
	if err != nil {
		return Response{}, err
	}
	if faults.RetryAfter > 0 {
		seconds := (faults.RetryAfter + time.Second - 1) / time.Second
		reply.Header = append(reply.Header, [2]string{"Retry-After", strconv.Itoa(int(seconds))})
	}
	return q.withFaults(Response{Reply: reply, Faults: faults, Hint: "refused by the fault " + strings.Join(q.entry.Fault, ", ")}), nil
}

// withFaults applies a response's faults, a delay among them.
func (q *request) withFaults(response Response) Response {
	if response.Faults == nil {
		return response
	}
	if later := response.Faults.Later; later > 0 {
		response.Wait = q.waitUntil(q.Now.Add(later))
	}
	response.applyFaults()
	return response
}

// applyFaults applies faults to a response's header and body.
func (r *Response) applyFaults() {
	r.Hang = r.Hang || r.Faults.Hang
	if r.Faults.ContentType != "" {
		for i, h := range r.Header {
			if strings.EqualFold(h[0], "Content-Type") {
				r.Header[i][1] = r.Faults.ContentType
			}
		}
	}
	if r.Faults.Body != nil {
		r.Body = r.Faults.Body(r.Body)
	}
}

// withFaults returns the entry of a request with a truncated response.
func withFaults(entry journal.Call, response Response) journal.Call {
	faults := response.Faults
	if faults.Keep == nil {
		return entry
	}
	sent := faults.Sent(len(response.Body))
	entry.Response.Body = journal.NewBody(response.Body[:sent], int64(len(response.Body)))
	if faults.Reset && sent == 0 {
		entry.Status, entry.Response = 0, journal.Payload{}
		entry.Error = &journal.CallError{Kind: "reset", Message: "a fault resets the connection instead of responding"}
	}
	return entry
}

// missing is the response to a request about a run that does not exist.
func (q *request) missing(ctx context.Context) (Response, error) {
	faults, err := q.drawFaults(ctx, nil)
	if err != nil {
		return Response{}, err
	}
	if faults != nil && faults.Refuse != 0 {
		return q.refuse(faults)
	}
	example, _ := q.call.Operation.Finds()
	hint := q.missingHint(ctx)
	reply, err := q.reply(example, hint)
	if err != nil {
		return Response{}, err
	}
	q.entry.Error = &journal.CallError{Kind: "no-run", Message: hint}
	return q.withFaults(Response{Reply: reply, Faults: faults, Hint: hint}), nil
}

// reply renders an example of the operation, or else the provider's error of that kind.
func (q *request) reply(example, reason string) (openapi.Reply, error) {
	if example == string(openapi.NotFound) && !slices.Contains(q.call.Operation.Examples(), example) {
		return q.provider.Refuse(&openapi.Error{Kind: openapi.NotFound, Message: reason}, q.scope)
	}
	return q.provider.Reply(q.call.Operation, example, nil, q.scope)
}

// missingHint says why there may be no run: nothing is dropped silently.
func (q *request) missingHint(ctx context.Context) string {
	hint := fmt.Sprintf("no run has the reference %q with this credential", q.call.Reference)
	if stats, err := q.engine.Store.Stats(ctx); err == nil && stats.DocsEvicted > 0 {
		return hint + fmt.Sprintf("; %d finished runs and webhooks were dropped, the oldest first: keep more with --finished-runs", stats.DocsEvicted)
	}
	return hint + ": runs belong to the credential that started them, and end with a reset"
}
