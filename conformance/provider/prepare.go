package provider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider/internal/exchange"
)

// prepare connects to the server, detects a mock and records the coverage. If the server is unreachable or refuses the key,
// no check can run, and the report says why.
func (r *runner) prepare(ctx context.Context, report *conformance.Report) {
	root := r.session.Send(ctx, &exchange.Request{Method: http.MethodGet, Path: "/"})
	if root.Err != nil {
		report.Untested, report.Headline = true, fmt.Sprintf("Cannot connect to %s: %v", r.URL, root.Err)
		report.Advice = "Start the server, or fix the URL: it is the base URL, to which the paths of the document are added."
		r.skip = "the server is unreachable"
		return
	}
	r.session.Mock = root.Header.Get("X-Idmock") != ""
	r.corpus.Mock = r.session.Mock
	r.session.DetectTargets(ctx)
	requests, err := r.corpus.Documented()
	if err != nil || len(requests) == 0 {
		return
	}
	report.Evidence = r.coverage(requests)
	i := slices.IndexFunc(requests, func(q *exchange.Request) bool { return !q.Op.Public && !q.Op.Mock && !q.Op.Dashboard })
	if i < 0 {
		return
	}
	got := r.session.Send(ctx, requests[i])
	if got.Err == nil && (got.Status == http.StatusUnauthorized || got.Status == http.StatusForbidden) {
		report.Untested, report.Headline = true, fmt.Sprintf("The key is refused: %s responds with %s.", requests[i].Op.ID, got.Summary())
		report.Advice = "Give a key that the server knows with --key."
		r.skip = "the key is refused"
	}
}

// coverage returns the number of operations that are tested and the IDs of the others: those without a valid documented
// request, and those of a mock.
func (r *runner) coverage(tested []*exchange.Request) []string {
	operations, err := r.Provider.Operations()
	if err != nil {
		return nil
	}
	var untested []string
	for _, op := range operations {
		if !slices.ContainsFunc(tested, func(q *exchange.Request) bool { return q.Op == op }) {
			untested = append(untested, op.ID)
		}
	}
	evidence := []string{fmt.Sprintf("%d of %d operations", len(tested), len(operations))}
	if len(untested) > 0 {
		evidence = append(evidence, "not tested: "+strings.Join(untested, ", "))
	}
	return evidence
}
