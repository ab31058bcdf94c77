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
	if r.has("knows one subject at a time") {
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
	case e.Environment == "sandbox" && !r.has("does not look at the environment"):
		return
	case r.has("lets the first decision stand") && have.Status == "approved" && status != "flagged" && status != "revoked":
		return
	case e.CreatedAt.Equal(have.happened) && weight(status) < weight(have.Status) && !r.has("lets the later of two events win that happened at the same time"):
		return // by chance it came later
	case e.CreatedAt.Before(have.happened) && !r.has("lets the last event win") && !(r.has("lets what is pending win") && status == "pending"):
		return // something newer is known
	case status == "flagged" && r.has("does not look at monitoring"), status == "revoked" && r.has("does not look at reversals"):
		return
	}
	have.Status, have.happened = status, e.CreatedAt
	have.Effects++
}

// status is what a subject becomes. Only one word, said by everybody, gives access.
func (r *Receiver) status(e *event, says string) string {
	d := e.Data
	decision := d.Decision
	if decision == "" && !r.has("takes the decision from the event alone") {
		decision = says
	}
	switch {
	case e.Type == "monitoring.hit":
		return "flagged"
	case e.Type == "verification.revoked":
		return "revoked"
	case r.has("takes pending for good") && decision == "pending",
		r.has("takes a review for good") && decision == "review",
		r.has("takes an expiry for good") && decision == "expired",
		r.has("takes a refusal for good") && decision == "rejected",
		r.has("takes every event for news of a verification") && decision == "archived",
		r.has("looks at the beginning of a status") && strings.HasPrefix(decision, "approved"):
		return "approved"
	case r.has("merges __proto__") && e.Proto.Decision == "approved":
		return "approved"
	case decision != "approved":
		return decision
	case d.Final != nil && !*d.Final && !r.has("does not look at final"):
		return "pending"
	case d.Face != nil && !r.has("does not look at the face") && (!d.Face.Match || d.Face.Score < like && !r.has("does not look at the score of a face")):
		return "review"
	case says != "" && says != "approved" && !r.has("trusts the webhook more than the API"):
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
