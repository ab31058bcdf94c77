package mockserver

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/headervalue"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/openapi"
)

// prefer answers a call that asks for a documented answer itself, as in Prefer: code=404, example=NAME. The call is
// judged as any other; nothing is played, no run begins or moves, and what is armed stays armed. asked is false where the
// header prefers something else, which is none of ours.
func (s *step) prefer(ctx context.Context, p *provider, c *openapi.Call, header string, scope *template.Scope, call *journal.Call) (reply Reply, asked bool, err error) {
	wanted := headervalue.Preferences(header)
	code, withCode := wanted["code"]
	name, withName := wanted["example"]
	if !withCode && !withName {
		return Reply{}, false, nil
	}
	var applied []string
	status := 0
	if withCode {
		if status, err = strconv.Atoi(code); err != nil || status < 100 || status > 599 {
			return Reply{}, true, &openapi.Error{Kind: openapi.Invalid, Field: "Prefer", Message: fmt.Sprintf("Prefer: code=%q is no HTTP status", code)}
		}
		applied = append(applied, "code="+code)
	}
	if withName {
		applied = append(applied, "example="+headervalue.Quote(name))
	}
	if err := s.look(ctx, p, c, scope); err != nil {
		return Reply{}, true, err
	}
	reply.Reply, err = p.ReplyWith(c.Operation, status, name, scope)
	if err != nil {
		return Reply{}, true, err
	}
	told := strings.Join(applied, ", ")
	reply.Header = append(reply.Header, [2]string{"Preference-Applied", told})
	call.Rule = "prefer " + told
	return reply, true, nil
}

// look shows an answer the run that a call is about, or one that never will be.
func (s *step) look(ctx context.Context, p *provider, c *openapi.Call, scope *template.Scope) error {
	r := &run{Provider: p.Name, Operation: c.Operation.ID, Subject: c.Subject, Started: s.now}
	if _, finds := c.Operation.Finds(); finds {
		found, err := s.engine.findNamed(ctx, s.account, p, c)
		if err != nil {
			return err
		}
		if found != nil {
			r = found
			scope.Subject, scope.Fake = r.Subject, fake.New(fake.Seed(s.account.seed, "subject", r.Subject))
		}
	} else if c.Operation.Starts() {
		r.Reference = s.account.uuid(p.Name)
	}
	scope.Run = r.values()
	return nil
}
