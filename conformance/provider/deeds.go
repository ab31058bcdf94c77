package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/openapi"
)

// deeds are checks that are about several calls together.
var deeds = map[string]func(r *runner, c *Check) (finding, error){
	"own-run":     ownRun,
	"others-run":  othersRun,
	"others-hook": othersHook,

	"uncalled":     uncalled,
	"unregistered": unregistered,
	"insisting":    insisting,
	"unchanged":    unchanged,
	"error-shape":  errorShape,
	"event-name":   unknownEvent,
	"duplicate":    duplicate,
	"removed":      removed,
	"isolated":     isolated,
	"secret-once":  secretOnce,
	"strong":       strong,
	"to-private":   redirectToPrivate,

	"delivered":    received(arrived),
	"webhook-type": received(webhookType),
	"payload":      received(payload),
	"signature":    received(signed),
	"schedule":     refusing(schedule),
	"gives-up":     refusing(givesUp),
	"recognisable": refusing(recognisable),
	"once":         once,
	"redirect":     redirect,
	"timeout":      timeout,
	"fresh":        fresh,
	"jitter":       refusing(jitter),
	"gone":         gone,
	"retry-after":  retryAfter,
	"ordered":      ordered,
	"test-mode":    testMode,
	"resent":       resent,
}

// asked is a run that was started, asked for in every way that the document has: by its owner, by somebody else, and
// under a name that nobody has.
type asked struct{ owner, other, nobody sent }

// runs starts runs and asks for them. Each way to ask gets a run of its own: it may end it.
func (r *runner) runs() ([]asked, error) {
	operations, err := r.Provider.Operations()
	if err != nil {
		return nil, err
	}
	var all []asked
	for _, finder := range operations {
		if len(finder.FindsBy()) == 0 || finder.Mock || finder.Dashboard {
			continue
		}
		for _, starter := range operations {
			if !starter.Starts() || starter.Mock && !r.mock || starter.Dashboard {
				continue
			}
			found, ok, err := r.ask(starter, finder)
			if err != nil {
				return nil, err
			}
			if ok {
				all = append(all, found)
				break
			}
		}
	}
	return all, nil
}

// ask starts a run and asks for it by everything in the answer that may be its name.
func (r *runner) ask(starter, finder *openapi.Operation) (found asked, ok bool, err error) {
	start, err := r.documented(starter, r.Key)
	if err != nil || start.refused != nil {
		return found, false, err
	}
	began := r.send(start)
	if began.err != nil || began.status >= 300 {
		return found, false, began.err
	}
	var answer any
	if json.Unmarshal(began.body, &answer) != nil {
		return found, false, nil
	}
	by := func(key, name string) (sent, bool) {
		m, err := r.documented(finder, key)
		if err != nil {
			return sent{}, false
		}
		named := m.named(finder, name)
		if _, refused := named.understood(r.Provider); refused != nil {
			return sent{}, false
		}
		return sent{named, r.send(named)}, true
	}
	for _, name := range names(answer) {
		nobody := fake.UUID(r.Seed, "nobody")
		if len(name) != len(nobody) {
			nobody = strings.Repeat("0", max(len(name)-2, 1)) + "17"
			if strings.HasPrefix(name, "60") {
				nobody = "60" + nobody[min(2, len(nobody)):]
			}
		}
		var right [3]bool
		found.other, right[0] = by(r.OtherKey, name)
		found.nobody, right[1] = by(r.Key, nobody)
		found.owner, right[2] = by(r.Key, name)
		if !right[0] || !right[1] || !right[2] {
			continue
		}
		if same(found.owner, found.nobody, name, nobody) {
			continue // that is not its name
		}
		return found, true, nil
	}
	return found, false, nil
}

// named asks for a run by its name.
func (m *message) named(op *openapi.Operation, name string) *message {
	made := m.clone()
	made.path = op.Path
	for _, place := range op.FindsBy() {
		if place[0] == "body" && len(made.body) == 0 {
			made.put("query", place[1], name)
			continue
		}
		made.put(place[0], place[1], name)
	}
	return made
}

// names lists the texts in an answer that may be the name of a run: those that are long and without spaces.
func names(v any) []string {
	var all []string
	switch v := v.(type) {
	case string:
		if len(v) >= 12 && len(v) <= 64 && !strings.ContainsAny(v, " :/") {
			all = append(all, v)
		}
	case map[string]any:
		for _, value := range v {
			all = append(all, names(value)...)
		}
	}
	return all
}

// same reports whether two answers say the same, but for the name that was asked for.
func same(a, b sent, nameA, nameB string) bool {
	return a.got.status == b.got.status &&
		bytes.Equal(bytes.ReplaceAll(a.got.body, []byte(nameA), nil), bytes.ReplaceAll(b.got.body, []byte(nameB), nil))
}

// ownRun: whoever started a run can ask for it.
func ownRun(r *runner, c *Check) (finding, error) {
	operations, err := r.Provider.Operations()
	if err != nil {
		return finding{}, err
	}
	can := false
	for _, op := range operations {
		can = can || len(op.FindsBy()) > 0 && !op.Mock && !op.Dashboard
	}
	if !can {
		return finding{lacks: c.Lacks}, nil
	}
	all, err := r.runs()
	if err != nil || len(all) > 0 {
		return finding{}, err
	}
	return finding{wanted: "an answer about the run that was started", got: "of none of the documented starts: what is asked for is answered as if nobody had it"}, nil
}

// othersRun: nobody else can.
func othersRun(r *runner, c *Check) (finding, error) {
	all, err := r.runs()
	if err != nil {
		return finding{}, err
	}
	if len(all) == 0 {
		return finding{lacks: c.Lacks}, nil
	}
	for _, one := range all {
		if one.other.got.err != nil {
			return finding{}, one.other.got.err
		}
		asOwner := one.owner.got.status == one.other.got.status && bytes.Equal(one.owner.got.body, one.other.got.body)
		if one.other.got.status == one.nobody.got.status && !asOwner {
			continue
		}
		shown := one.other.got.shown
		shown.Wanted = "what is answered for a run that nobody has"
		return finding{wanted: fmt.Sprintf("what is answered for a run that nobody has (status %d)", one.nobody.got.status),
			got: one.other.name() + " with another key: " + status(one.other.got), exchanges: []conformance.Exchange{shown}}, nil
	}
	return finding{}, nil
}

// othersHook: a webhook that one registers is not shown to another.
func othersHook(r *runner, c *Check) (finding, error) {
	if !r.mock {
		return finding{lacks: "the operations of the dashboard are a mock's; this server is none"}, nil
	}
	const hook = "https://" + public + "/of-one-account-alone"
	if _, err := r.register(r.Key+"-hook", hook); errors.Is(err, errNoDashboard) {
		return finding{lacks: c.Lacks}, nil
	} else if err != nil {
		return finding{}, err
	}
	shownTo := func(key string) (bool, []conformance.Exchange, error) {
		operations, err := r.Provider.Operations()
		for _, op := range operations {
			if verb := op.DashboardVerb(); verb != openapi.DashboardRead && verb != openapi.DashboardList || strings.Contains(op.Path, "{") {
				continue
			}
			m, err := r.documented(op, key)
			if err != nil {
				return false, nil, err
			}
			if got := r.send(m); got.err != nil || bytes.Contains(got.body, []byte("of-one-account-alone")) {
				return true, []conformance.Exchange{got.shown}, got.err
			}
		}
		return false, nil, err
	}
	own, _, err := shownTo(r.Key + "-hook")
	if err != nil || !own {
		return finding{inconclusive: "the dashboard does not show the webhook to whoever registered it"}, err
	}
	others, exchanges, err := shownTo(r.OtherKey + "-hook")
	if err != nil || !others {
		return finding{}, err
	}
	return finding{wanted: "a dashboard without the webhook of another account", got: "the webhook of another account", exchanges: exchanges}, nil
}
