package reference

import (
	"strings"
	"time"
)

// apply writes down what an event says of somebody.
func (r *Receiver) apply(e *event, says string) {
	status := r.status(e, says)
	r.mu.Lock()
	defer r.mu.Unlock()
	subject := e.Data.Subject
	if r.has(MixesSubjects) {
		if r.current != "" && r.people[r.current] != nil && time.Since(r.people[r.current].happened) < time.Second {
			subject = r.current
		}
		r.current = e.Data.Subject
	}
	have := r.people[subject]
	if have == nil {
		have = &account{}
		r.people[subject] = have
	}
	if e.Data.Name != "" {
		have.Name = e.Data.Name
	}
	switch {
	case e.Environment == "sandbox" && !r.has(IgnoresEnvironment):
		return
	case r.has(FirstDecisionWins) && have.Status == "approved" && status != "flagged" && status != "revoked":
		return
	case e.CreatedAt.Equal(have.happened) && weight(status) < weight(have.Status) && !r.has(LaterTieWins):
		return // by chance it came later
	case e.CreatedAt.Before(have.happened) && !r.has(LastEventWins) && !(r.has(PendingWins) && status == "pending"):
		return // something newer is known
	case status == "flagged" && r.has(IgnoresMonitoring), status == "revoked" && r.has(IgnoresReversals):
		return
	}
	have.Status, have.happened = status, e.CreatedAt
	have.Effects++
}

// status is what a subject becomes. Only one word, said by everybody, gives access.
func (r *Receiver) status(e *event, says string) string {
	d := e.Data
	decision := d.Decision
	if decision == "" && !r.has(ReadsDecisionFromEvent) {
		decision = says
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
		r.has(MatchesStatusPrefix) && strings.HasPrefix(decision, "approved"):
		return "approved"
	case r.has(MergesProto) && e.Proto.Decision == "approved":
		return "approved"
	case decision != "approved":
		return decision
	case d.Final != nil && !*d.Final && !r.has(IgnoresFinal):
		return "pending"
	case d.Face != nil && !r.has(IgnoresFace) && (!d.Face.Match || d.Face.Score < like && !r.has(IgnoresScore)):
		return "review"
	case says != "" && says != "approved" && !r.has(TrustsWebhookOverAPI):
		return "review"
	}
	return "approved"
}

// weight orders what is said of the same moment: a decision outweighs that there is none yet, and a refusal an approval.
func weight(status string) int {
	switch status {
	case "", "pending":
		return 0
	case "approved":
		return 1
	}
	return 2
}
