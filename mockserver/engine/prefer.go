package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/headervalue"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/openapi"
)

// prefer answers a request that asks for a documented response itself, as in Prefer: code=404, example=NAME. The request
// is validated as any other; nothing is played, no run starts or changes, and pending scenarios stay. asked is false where
// the header prefers something else.
func (q *request) prefer(ctx context.Context) (response Response, asked bool, err error) {
	wanted := headervalue.Preferences(q.in.Prefer)
	code, withCode := wanted["code"]
	name, withName := wanted["example"]
	if !withCode && !withName {
		return Response{}, false, nil
	}
	var applied []string
	status := 0
	if withCode {
		if status, err = strconv.Atoi(code); err != nil || status < 100 || status > 599 {
			return Response{}, true, &openapi.Error{Kind: openapi.Invalid, Field: "Prefer", Message: fmt.Sprintf("Prefer: invalid HTTP status code=%q", code)}
		}
		applied = append(applied, "code="+code)
	}
	if withName {
		applied = append(applied, "example="+headervalue.Quote(name))
	}
	if err := q.showRun(ctx); err != nil {
		return Response{}, true, err
	}
	response.Reply, err = q.provider.ReplyWith(q.call.Operation, status, name, q.scope)
	if err != nil {
		return Response{}, true, err
	}
	preference := strings.Join(applied, ", ")
	response.Header = append(response.Header, [2]string{"Preference-Applied", preference})
	q.entry.Rule = "prefer " + preference
	return response, true, nil
}

// showRun shows a response the run that the request is about, or one that is never stored.
func (q *request) showRun(ctx context.Context) error {
	op := q.call.Operation
	r := &run.Run{Provider: q.provider.Name, Operation: op.ID, Subject: q.call.Subject, Started: q.Now}
	if _, finds := op.Finds(); finds {
		found, err := run.FindFor(ctx, q, q.Account(), q.provider.Provider, q.call)
		if err != nil {
			return err
		}
		if found != nil {
			r = found
			if q.scope.Resource, err = r.Change("", nil); err != nil {
				return err
			}
		}
		q.scope.Named = q.call.Reference
	} else if op.Starts() {
		r.Reference = q.account.UUID(q.provider.Name)
	}
	q.show(r)
	return q.list(ctx)
}
