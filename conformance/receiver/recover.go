package receiver

import (
	"context"

	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/outcome"
)

// noReconcile is why checks of recovery do not apply to most applications.
const noReconcile = "no bound is given within which the application asks for missing results: set --reconcile"

// recovered awaits access that only the API knows of: the event never comes.
func recovered(ctx context.Context, s *session, who *evidence.Person) outcome.Outcome {
	bound := s.target.Reconcile
	v, o := s.observer.Await(ctx, who, bound, evidence.Granted)
	if o == outcome.Fine && !v.Granted {
		return outcome.Wrong("the application to find the result without an event", "state %q after %v", v.Value, bound)
	}
	return o
}
