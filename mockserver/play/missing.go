package play

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/plural"
	"github.com/idmock/idmock/mockserver/journal"
)

// maxRequests is how many kinds of requests an explanation lists.
const maxRequests = 5

// explainMissing adds to the failures about requests that did not come which ones came instead, in which accounts, and the
// settings with which the application reaches the scenario's. made is the number of requests that the player made itself,
// begin the end of the journal before.
func (t *turn) explainMissing(ctx context.Context, n *narrator, begin uint64, made int) error {
	var came requests
	for e, err := range t.Server.For("").Calls(ctx, begin) {
		if err != nil {
			return err
		}
		call, err := journal.As[journal.Call](e)
		if err != nil {
			return err
		}
		switch {
		case call.Provider != t.played.Provider:
		case e.Account == t.played.Account && made > 0:
			made--
		default:
			came.add(call, e.Account)
		}
	}
	variables, err := t.variables(ctx)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s; the application's requests must be those of account %s: start it with %s", came, t.played.Account, strings.Join(variables, " "))
	fmt.Fprintln(t.log, text)
	for i := range n.failures {
		if n.failures[i].request {
			n.failures[i].text += ": " + text
		}
	}
	return nil
}

// variables returns the environment variables with which the application reaches the scenario's account, without the
// credentials that the user chose: those may be real.
func (t *turn) variables(ctx context.Context) ([]string, error) {
	environment, err := t.Server.For(t.played.Account).Environment(ctx, t.played.Provider)
	if err != nil {
		return nil, err
	}
	chosen := map[string]bool{}
	for name, value := range t.credentials {
		if t.Known(t.played.Provider, name) {
			chosen[value] = true
		}
	}
	var all []string
	for _, v := range environment.Variables {
		if !chosen[v.Value] {
			all = append(all, v.Name+"="+v.Value)
		}
	}
	return all, nil
}

// requests counts the requests of an application by operation, account and status.
type requests []*requestCount

type requestCount struct {
	operation, account string
	status             int
	n                  int
}

func (r *requests) add(d journal.Call, account string) {
	operation := operationOf(d)
	i := slices.IndexFunc(*r, func(c *requestCount) bool {
		return c.operation == operation && c.account == account && c.status == d.Status
	})
	if i < 0 {
		i = len(*r)
		*r = append(*r, &requestCount{operation: operation, account: account, status: d.Status})
	}
	(*r)[i].n++
}

// String lists the requests in words.
func (r requests) String() string {
	if len(r) == 0 {
		return "the application made no request at all"
	}
	var parts []string
	for _, c := range r[:min(len(r), maxRequests)] {
		where := "in account " + c.account
		if c.account == "" {
			where = "without a credential that opens an account"
		}
		parts = append(parts, fmt.Sprintf("%s %s (%s, responded %d)", c.operation, where, plural.Count(c.n, "time"), c.status))
	}
	if more := len(r) - maxRequests; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more kinds", more))
	}
	return "the application requested " + strings.Join(parts, ", ")
}
