package multicall

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/session"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/openapi"
)

// lookup is a started run, asked for by its owner, by another account, and by its owner under a name that no run has.
type lookup struct{ owner, other, missing exchange.Call }

// lookups starts runs and asks for them. Each operation that finds runs gets a run of its own, because asking may end it.
func lookups(ctx context.Context, s *session.Session) ([]lookup, error) {
	operations, err := s.Provider.Operations()
	if err != nil {
		return nil, err
	}
	var found []lookup
	for _, finder := range operations {
		if !finds(finder) {
			continue
		}
		for _, starter := range operations {
			if !starter.Starts() || starter.Mock && !s.Mock || starter.Dashboard {
				continue
			}
			one, ok, err := startAndLookUp(ctx, s, starter, finder)
			if err != nil {
				return nil, err
			}
			if ok {
				found = append(found, one)
				break
			}
		}
	}
	return found, nil
}

// finds reports whether apps find runs with an operation.
func finds(op *openapi.Operation) bool {
	return len(op.FindsBy()) > 0 && !op.Mock && !op.Dashboard
}

// startAndLookUp starts a run and asks for it by each text of the response that may be its name. ok is false if none is.
func startAndLookUp(ctx context.Context, s *session.Session, starter, finder *openapi.Operation) (found lookup, ok bool, err error) {
	start, err := s.Documented(starter, s.Key)
	if err != nil || start.Refused != nil {
		return found, false, err
	}
	started := s.Send(ctx, start)
	if started.Err != nil || started.Status >= 300 {
		return found, false, started.Err
	}
	var body any
	if json.Unmarshal(started.Body, &body) != nil {
		return found, false, nil
	}
	for _, name := range candidates(body) {
		missing := missingName(s, name)
		var valid [3]bool
		found.other, valid[0] = lookUp(ctx, s, finder, s.OtherKey, name)
		found.missing, valid[1] = lookUp(ctx, s, finder, s.Key, missing)
		found.owner, valid[2] = lookUp(ctx, s, finder, s.Key, name)
		if !valid[0] || !valid[1] || !valid[2] {
			continue
		}
		if !same(found.owner, found.missing, name, missing) { // else it is not the run's name
			return found, true, nil
		}
	}
	return found, false, nil
}

// lookUp asks for a run by its name. ok is false if the document does not accept the request.
func lookUp(ctx context.Context, s *session.Session, finder *openapi.Operation, key, name string) (call exchange.Call, ok bool) {
	r, err := s.Documented(finder, key)
	if err != nil {
		return call, false
	}
	r = r.ForRun(finder, name)
	if _, refused := r.Match(s.Provider); refused != nil {
		return call, false
	}
	return exchange.Call{Request: r, Got: s.Send(ctx, r)}, true
}

// missingName returns a name of the same form that no run has.
func missingName(s *session.Session, name string) string {
	missing := fake.UUID(s.Seed, "unknown")
	if len(name) != len(missing) {
		missing = strings.Repeat("0", max(len(name)-2, 1)) + "17"
		if strings.HasPrefix(name, "60") {
			missing = "60" + missing[min(2, len(missing)):]
		}
	}
	return missing
}

// candidates returns the texts of a response that may be the name of a run: long, without spaces.
func candidates(v any) []string {
	var names []string
	switch v := v.(type) {
	case string:
		if len(v) >= 12 && len(v) <= 64 && !strings.ContainsAny(v, " :/") {
			names = append(names, v)
		}
	case map[string]any:
		for _, value := range v {
			names = append(names, candidates(value)...)
		}
	}
	return names
}

// same reports whether two responses are equal apart from the name in the request.
func same(a, b exchange.Call, nameA, nameB string) bool {
	return a.Got.Status == b.Got.Status &&
		bytes.Equal(bytes.ReplaceAll(a.Got.Body, []byte(nameA), nil), bytes.ReplaceAll(b.Got.Body, []byte(nameB), nil))
}

// ownRun requires that an account finds the runs that it started.
func ownRun(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	operations, err := s.Provider.Operations()
	if err != nil {
		return Finding{}, err
	}
	findable := false
	for _, op := range operations {
		findable = findable || finds(op)
	}
	if !findable {
		return c.notApplicable()
	}
	found, err := lookups(ctx, s)
	if err != nil || len(found) > 0 {
		return Finding{}, err
	}
	return Finding{Expected: "a response about the run that was started", Got: "the response for a missing run, after each of the documented starts"}, nil
}

// othersRun requires that no other account finds them.
func othersRun(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	found, err := lookups(ctx, s)
	if err != nil {
		return Finding{}, err
	}
	if len(found) == 0 {
		return c.notApplicable()
	}
	for _, one := range found {
		if err := one.other.Got.Err; err != nil {
			return Finding{}, err
		}
		likeOwner := one.owner.Got.Status == one.other.Got.Status && bytes.Equal(one.owner.Got.Body, one.other.Got.Body)
		if one.other.Got.Status == one.missing.Got.Status && !likeOwner {
			continue
		}
		return unexpected(one.other, fmt.Sprintf("the response for a missing run (status %d)", one.missing.Got.Status),
			one.other.Name()+" with another key: "+one.other.Got.Summary())
	}
	return Finding{}, nil
}

// othersHook requires that the dashboard of an account does not show the webhook of another.
func othersHook(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	if !s.Mock {
		return Finding{NotApplicable: "only an idmock has operations for the dashboard"}, nil
	}
	const path = "of-one-account-alone"
	if _, err := s.Register(ctx, s.Key+"-hook", "https://"+publicHost+"/"+path); err != nil {
		return Finding{}, err
	}
	_, visible, err := findInDashboard(ctx, s, s.Key+"-hook", path)
	if err != nil {
		return Finding{}, err
	}
	if !visible {
		return Finding{Inconclusive: "the dashboard does not show the webhook to the account that registered it"}, nil
	}
	call, visible, err := findInDashboard(ctx, s, s.OtherKey+"-hook", path)
	if err != nil || !visible {
		return Finding{}, err
	}
	return Finding{Expected: "a dashboard without the webhook of another account", Got: "the webhook of another account",
		Exchanges: []conformance.Exchange{call.Got.Exchange}}, nil
}

// findInDashboard reads the dashboard of an account until a response contains a text.
func findInDashboard(ctx context.Context, s *session.Session, key, text string) (call exchange.Call, found bool, err error) {
	operations, err := s.Dashboard(openapi.DashboardRead, openapi.DashboardList)
	if err != nil {
		return call, false, err
	}
	for _, op := range operations {
		if strings.Contains(op.Path, "{") {
			continue
		}
		r, err := s.Documented(op, key)
		if err != nil {
			return call, false, err
		}
		if call, err = s.Call(ctx, r); err != nil || bytes.Contains(call.Got.Body, []byte(text)) {
			return call, err == nil, err
		}
	}
	return call, false, nil
}
