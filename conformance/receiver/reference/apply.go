package reference

import (
	"strings"
	"time"
)

// apply updates the subject of an event. confirmed is the decision according to the provider's API, or empty.
func (r *Receiver) apply(e *event, confirmed string) {
	status := r.statusAfter(e, confirmed)
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.subjectOf(e)
	if e.Data.Name != "" {
		s.Name = storedName(r, e.Data.Name)
	}
	switch {
	case e.Environment != "live" && !r.has(IgnoresEnvironment) && !(r.has(KnowsOneEnvironment) && e.Environment == "test"):
		return
	case r.has(ForgetsEarlyRevocation) && s.Status == "" && status == "revoked":
		return
	case r.has(NeverForgetsRevocation) && s.Status == "revoked":
		return
	case r.has(FirstDecisionWins) && s.Status == "approved" && status != "flagged" && status != "revoked":
		return
	case e.CreatedAt.Equal(s.updated) && rank(status) < rank(s.Status) && !r.has(LaterTieWins):
		return // the order of arrival of two events of one moment means nothing
	case e.CreatedAt.Before(s.updated) && !r.has(LastEventWins) && !(r.has(PendingWins) && status == "pending"):
		return // a newer event was applied
	case status == "flagged" && r.has(IgnoresMonitoring), status == "revoked" && r.has(IgnoresReversals):
		return
	}
	s.Status, s.updated = status, e.CreatedAt
	s.Effects++
}

// subjectOf returns the subject of an event, which it creates if it is new. The caller holds mu.
func (r *Receiver) subjectOf(e *event) *subject {
	id := e.Data.Subject
	if r.has(MixesSubjects) {
		if r.current != "" && r.subjects[r.current] != nil && time.Since(r.subjects[r.current].updated) < 5*time.Second {
			id = r.current
		}
		r.current = e.Data.Subject
	}
	if r.subjects[id] == nil {
		r.subjects[id] = &subject{}
	}
	return r.subjects[id]
}

// statusAfter returns the status of a subject after an event. Access requires that the event and the API both say
// approved.
func (r *Receiver) statusAfter(e *event, confirmed string) string {
	d := e.Data
	decision := d.Decision
	if decision == "" && !r.has(ReadsDecisionFromEvent) {
		decision = confirmed
	}
	switch {
	case e.Type == "monitoring.hit":
		return "flagged"
	case e.Type == "verification.revoked":
		return "revoked"
	case r.has(GrantsPending) && decision == "pending",
		r.has(GrantsReview) && decision == "review",
		r.has(GrantsExpired) && decision == "expired",
		r.has(GrantsRejected) && decision == "rejected",
		r.has(TreatsAllAsVerification) && decision == "archived",
		r.has(SearchesStatus) && strings.Contains(decision, "approved"),
		r.has(MatchesStatusPrefix) && strings.HasPrefix(decision, "approved"):
		return "approved"
	case r.has(MergesProto) && e.Proto.Decision == "approved":
		return "approved"
	case decision != "approved":
		return decision
	case d.Final != nil && !*d.Final && !r.has(IgnoresFinal):
		return "pending"
	case d.Face != nil && r.has(ReadsScoreOnly):
		if d.Face.Score < minScore {
			return "review"
		}
	case d.Face != nil && !r.has(IgnoresFace) && (!d.Face.Match || d.Face.Score < minScore && !r.has(IgnoresScore)):
		return "review"
	case confirmed != "" && confirmed != "approved" && !r.has(TrustsWebhookOverAPI):
		return "review"
	}
	return "approved"
}

// rank orders statuses of the same moment: a decision outranks pending, a rejection outranks an approval.
func rank(status string) int {
	switch status {
	case "", "pending":
		return 0
	case "approved":
		return 1
	}
	return 2
}
