package reference

import (
	"cmp"
	"slices"
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
	if !isLive(r, e) || neglects(r, e, s, status) || isOutdated(r, e, s, status) {
		return
	}
	updated := e.CreatedAt
	if forgotten[r.Flaw] == status && status != "" {
		updated = s.updated
	}
	switch {
	case status == "cleared":
		if !s.flagged {
			return
		}
		s.flagged, status = false, s.before
	case status == "flagged":
		if !s.flagged {
			s.before = s.Status
		}
		s.flagged = true
	case s.flagged && status == "approved" && !r.has(ApprovalEndsHit):
		s.before, s.updated = status, updated // only the event that ends the hit gives access
		return
	}
	s.Status, s.updated = status, updated
	s.Effects++
}

// isLive reports whether an event is about a real person.
func isLive(r *Receiver, e *event) bool {
	switch {
	case e.Environment == "live", r.has(IgnoresEnvironment):
		return true
	case r.has(KnowsOneEnvironment):
		return e.Environment == "test"
	}
	return r.has(TakesSandboxRefusals) && e.Data.Decision == "rejected" || r.has(TakesMissingEnvironment) && e.Environment == ""
}

// These flaws concern events with one status.
var (
	// forgotten is the status whose time is not recorded.
	forgotten = map[FlawID]string{ForgetsEarlyRejection: "rejected", ForgetsEarlyReview: "review", ForgetsEarlyExpiry: "expired"}
	// kept is the status that an approval does not end.
	kept = map[FlawID]string{TakesPendingForRefusal: "pending", NeverForgetsRevocation: "revoked", NeverForgetsRejection: "rejected", NeverForgetsReview: "review", NeverForgetsExpiry: "expired"}
	// lateWins is the status that is taken over from an event that is out of date.
	lateWins = map[FlawID]string{PendingWins: "pending", OldRejectionWins: "rejected", OldReversalWins: "revoked", OldExpiryWins: "expired", OldClearingWins: "cleared"}
)

// neglects reports whether a flaw makes the receiver ignore an event.
func neglects(r *Receiver, e *event, s *subject, status string) bool {
	switch {
	case r.has(ForgetsEarlyRevocation):
		return s.Status == "" && status == "revoked"
	case r.has(NeverForgetsRevocation):
		return s.Status == "revoked"
	case kept[r.Flaw] != "":
		return s.Status == kept[r.Flaw] && status == "approved"
	case r.has(FirstDecisionWins):
		return s.Status == "approved" && status != "flagged" && status != "revoked"
	case r.has(KeepsApprovals):
		return s.Status == "approved" && (status == "expired" || status == "review")
	case r.has(KnowsSanctionsOnly):
		return status == "flagged" && e.Data.List != "" && e.Data.List != "sanctions"
	case r.has(KnowsPEPOnly):
		return status == "flagged" && e.Data.List != "" && e.Data.List != "pep"
	}
	return status == "flagged" && r.has(IgnoresMonitoring) || status == "revoked" && r.has(IgnoresReversals) || status == "cleared" && r.has(IgnoresClearing)
}

// isOutdated reports whether a newer event was applied.
func isOutdated(r *Receiver, e *event, s *subject, status string) bool {
	at, updated := e.CreatedAt, s.updated
	if r.has(ComparesDates) {
		at, updated = at.Truncate(24*time.Hour), updated.Truncate(24*time.Hour)
	}
	if r.has(CutsFractions) && at.Truncate(time.Second).Equal(updated.Truncate(time.Second)) {
		return false
	}
	switch {
	case r.has(LastEventWins), r.has(AppliesInBulk) && len(r.seen) > 20, lateWins[r.Flaw] == status:
		return false
	case at.Equal(updated) && rank(status) < rank(s.Status) && !r.has(ComparesDates):
		return !r.has(LaterTieWins) // the order of arrival of two events of one moment means nothing
	}
	return at.Before(updated)
}

// subjectOf returns the subject of an event, which it creates if it is new. The caller holds mu.
func (r *Receiver) subjectOf(e *event) *subject {
	id := storedID(r, e.Data.Subject)
	if r.has(MixesSubjects) {
		if e.Data.Decision == "approved" && r.current != "" {
			id = r.current
		}
		r.current = ""
		if e.Data.Decision != "approved" {
			r.current = e.Data.Subject
		}
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
	if r.has(ReadsSystemDecision) {
		decision = cmp.Or(d.SystemDecision, decision)
	}
	if decision == "" && !r.has(ReadsDecisionFromEvent) {
		decision = confirmed
	}
	switch {
	case e.Type == "monitoring.hit" && !r.has(GrantsHit):
		return "flagged"
	case e.Type == "monitoring.cleared" && !r.has(ClearingApproves):
		return "cleared"
	case e.Type == "verification.revoked":
		return "revoked"
	case grantsWrongly(r, e, decision):
		return "approved"
	case decision != "approved":
		return decision
	case d.Final != nil && !*d.Final && !r.has(IgnoresFinal):
		return "pending"
	case d.Face != nil && !accepts(r, d.Face.Match, d.Face.Score):
		return "review"
	case confirmed == "pending" && !r.has(TrustsWebhookOverAPI):
		return "pending"
	case confirmed != "" && confirmed != "approved" && !r.has(TrustsWebhookOverAPI):
		return "review"
	}
	return "approved"
}

// grantsWrongly reports whether a flaw takes a decision for an approval.
func grantsWrongly(r *Receiver, e *event, decision string) bool {
	switch r.Flaw {
	case GrantsPending:
		return decision == "pending"
	case GrantsReview:
		return decision == "review"
	case GrantsExpired:
		return decision == "expired"
	case GrantsRejected:
		return decision == "rejected"
	case GrantsHit:
		return decision == "flagged"
	case ClearingApproves:
		return decision == "cleared"
	case TreatsAllAsVerification:
		return decision == "archived"
	case SearchesStatus:
		return strings.Contains(decision, "approved")
	case SearchesStatusInAnyCase:
		return strings.Contains(strings.ToLower(decision), "approved")
	case MatchesStatusPrefix:
		return strings.HasPrefix(decision, "approved")
	case MatchesStatusSuffix:
		return strings.HasSuffix(decision, "approved")
	case KnowsRejectionsOnly:
		return !slices.Contains([]string{"pending", "rejected", "review", "expired", "flagged", "revoked", "cleared", "approved"}, decision)
	case MergesProto:
		return e.Proto.Decision == "approved"
	}
	return false
}

// accepts reports whether a face is that of the document.
func accepts(r *Receiver, match bool, score float64) bool {
	switch r.Flaw {
	case IgnoresFace:
		return true
	case IgnoresScore:
		return match
	case ReadsScoreOnly:
		return score >= minScore
	case ReadsMatchOrScore:
		return match || score >= minScore
	case AcceptsHalfScore:
		return match && score >= minScore-0.3
	}
	return match && score >= minScore
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
