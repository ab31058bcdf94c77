package reference

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// event holds the members of an event that the receiver uses. It ignores the others, which may change at any time.
type event struct {
	ID          string    `json:"id"`
	Type        string    `json:"type"`
	CreatedAt   time.Time `json:"created_at"`
	Version     string    `json:"api_version"`
	Environment string    `json:"environment"`
	Data        struct {
		Verification string `json:"verification"`
		Subject      string `json:"subject"`
		Decision     string `json:"decision"`
		List         string `json:"list"`
		// SystemDecision is what the system had decided before a person did.
		SystemDecision string `json:"system_decision"`
		Final          *bool  `json:"final"`
		Name           string `json:"name"`
		URL            string `json:"url"`
		Face           *struct {
			Match bool    `json:"match"`
			Score float64 `json:"score"`
		} `json:"face"`
	} `json:"data"`
	Proto struct {
		Decision string `json:"decision"`
	} `json:"__proto__"`
}

// decode reads the names of members as they are: encoding/json would ignore their case.
func decode(body []byte, into any, anyCase bool) error {
	return jsonv2.Unmarshal(body, into, jsonv2.MatchCaseInsensitiveNames(anyCase), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// minScore is the lowest score of a face that counts as a match.
const minScore = 0.8

// verificationEvents are the types of events about a verification.
var verificationEvents = []string{"verification.completed", "verification.pending", "verification.revoked", "monitoring.hit", "monitoring.cleared"}

// parse parses an event. For an invalid event it returns the status of the response and the reason; otherwise 0.
func (r *Receiver) parse(body []byte) (*event, int, string) {
	invalid := func(flaw FlawID) (*event, int, string) {
		if r.has(flaw) {
			return nil, http.StatusInternalServerError, "unexpected"
		}
		return nil, http.StatusBadRequest, "invalid event"
	}
	switch trimmed := bytes.TrimSpace(body); {
	case len(trimmed) == 0:
		return invalid(FailsOnEmptyBody)
	case !utf8.Valid(body):
		return invalid(FailsOnInvalidUTF8)
	case r.has(FailsOnByteOrderMark) && bytes.HasPrefix(trimmed, []byte("\xef\xbb\xbf")):
		return nil, http.StatusInternalServerError, "unexpected"
	case !json.Valid(trimmed):
		return invalid(FailsOnInvalidJSON)
	case trimmed[0] != '{':
		return invalid(FailsOnScalarJSON)
	case r.has(RecursesOnNesting) && bytes.Contains(body, []byte("[[[[[[[[[[[[[[[[[[[[[[[[")):
		panic(http.ErrAbortHandler)
	case r.has(RequiresMemberOrder) && !bytes.HasPrefix(trimmed, []byte(`{"id"`)) && !bytes.HasPrefix(trimmed, []byte("{\n")) && !bytes.HasPrefix(trimmed, []byte(`{"id": `)):
		return nil, http.StatusBadRequest, "id must come first"
	case r.has(FailsOnNUL) && bytes.Contains(body, []byte(`\u0000`)), r.has(FailsOnSurrogate) && bytes.Contains(body, []byte(`\ud83d `)):
		return nil, http.StatusInternalServerError, "invalid byte sequence"
	case r.has(FailsOnNull) && bytes.Contains(body, []byte(":null")) && !bytes.Contains(body, []byte("new_")):
		return nil, http.StatusInternalServerError, "null"
	case r.has(RefusesUnknownMembers) && bytes.Contains(body, []byte(`"new_`)):
		return nil, http.StatusBadRequest, "unknown field"
	}
	e := &event{}
	if err := decode(body, e, r.has(ReadsKeysInAnyCase)); err != nil {
		return nil, http.StatusBadRequest, "invalid event"
	}
	if r.has(MergesProto) && e.Proto.Decision != "" {
		e.Data.Decision, e.Type = e.Proto.Decision, "verification.completed"
	}
	if r.has(FailsOnUnknownVersion) && e.Version > "2026-01-01" {
		return nil, http.StatusInternalServerError, "KeyError: " + e.Version
	}
	if r.has(FailsOnMissingMember) && e.Data.URL == "" && e.Type != "ping" {
		return nil, http.StatusInternalServerError, "KeyError: url"
	}
	if slices.Contains(verificationEvents, e.Type) && (e.Data.Verification == "" || e.Data.Subject == "") {
		if r.has(AcceptsIncomplete) || r.has(GrantsIncomplete) && e.Data.Subject != "" {
			return e, 0, ""
		}
		return nil, http.StatusBadRequest, "verification or subject is missing"
	}
	if r.has(RequiresTwoLetters) && len(e.Data.Name) == 1 {
		return nil, http.StatusBadRequest, "name is too short"
	}
	if r.has(RefusesOldDecisions) && time.Since(e.CreatedAt) > 24*time.Hour {
		return nil, http.StatusBadRequest, "too old"
	}
	if r.has(RequiresFraction) && bytes.Contains(body, []byte(`"score":1}`)) {
		return nil, http.StatusBadRequest, "score is not a float"
	}
	if r.has(RequiresSubject) && e.Data.Subject == "" {
		return nil, http.StatusBadRequest, "subject is missing"
	}
	if isNew := !slices.Contains(verificationEvents, e.Type) && e.Type != "ping"; isNew && r.has(RefusesUnknownEvents) {
		return nil, http.StatusBadRequest, "unknown type"
	} else if isNew && r.has(FailsOnUnknownEvents) {
		return nil, http.StatusInternalServerError, "no handler"
	}
	return e, 0, ""
}

// accept records an event, responds, and processes it in the background.
func (r *Receiver) accept(w http.ResponseWriter, req *http.Request, e *event) {
	id := identity(r, e)
	switch {
	case r.has(DeduplicatesByTime):
		id += req.Header.Get("Webhook-Timestamp")
	case r.has(DeduplicatesBySignature):
		id = req.Header.Get(header[r.Scheme])
	case r.has(RepeatsEffects):
		id = ""
	case r.has(RoundsIDs):
		if n, err := strconv.ParseFloat(id, 64); err == nil {
			id = strconv.FormatFloat(n, 'f', 0, 64)
		}
	case r.has(ReplacesSameID):
		id += e.Data.Decision
	}
	if r.has(LosesAcknowledged) && r.overLimit(10) {
		respond(w, http.StatusOK, nil)
		return
	}
	if r.has(RefusesSameContent) && r.hasStatus(e) {
		respond(w, http.StatusBadRequest, problem{"nothing new"})
		return
	}
	r.mu.Lock()
	duplicate := id != "" && r.seen[id]
	late := r.has(ChecksThenRecords) || r.has(RecordsAfterResponse)
	if !late {
		r.seen[id] = true
	}
	if remembered[r.Flaw] > 0 && !duplicate {
		forget(r, id)
	}
	r.mu.Unlock()
	switch {
	case duplicate && r.has(RefusesReplay):
		respond(w, http.StatusUnauthorized, problem{"replay"})
		return
	case duplicate && r.has(RespondsConflict):
		respond(w, http.StatusConflict, problem{"duplicate"})
		return
	case duplicate:
		respond(w, http.StatusOK, nil)
		return
	case r.has(FailsOnPending) && e.Data.Decision == "pending":
		respond(w, http.StatusInternalServerError, problem{"no handler"})
		return
	case r.has(WorksBeforeResponding) && e.Data.Decision == "rejected":
		r.sleep(time.Minute)
	case r.has(RespondsSlowly):
		r.sleep(5 * time.Second)
	case r.has(FailsOnUnknownSubject) && r.isUnknown(e):
		respond(w, http.StatusInternalServerError, problem{"foreign key violation"})
		return
	case r.has(IgnoresUnknownEvents) && !slices.Contains(verificationEvents, e.Type) && e.Type != "ping":
		r.sleep(time.Minute)
	case r.has(ForgetsAfterSeconds):
		r.background(func(context.Context) {
			r.sleep(time.Second)
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.seen, id)
		})
	case r.has(QueriesBeforeResponding):
		_, _ = r.query(req.Context(), e) // the flaw delays the response; the result is not used
	case r.has(EchoesEvent):
		respond(w, http.StatusOK, e)
		r.background(func(ctx context.Context) { r.process(ctx, e) })
		return
	case r.has(RespondsAtLength):
		_, _ = io.WriteString(w, strings.Repeat("thank you ", 3000))
		r.background(func(ctx context.Context) { r.process(ctx, e) })
		return
	}
	if late {
		r.sleep(50 * time.Millisecond)
		if r.has(RecordsAfterResponse) {
			r.sleep(600 * time.Millisecond)
		}
		r.mu.Lock()
		r.seen[id] = true
		r.mu.Unlock()
		r.process(context.WithoutCancel(req.Context()), e)
		respond(w, http.StatusOK, nil)
		return
	}
	respond(w, http.StatusOK, nil)
	r.background(func(ctx context.Context) { r.process(ctx, e) })
}

// isUnknown reports whether an event rejects a subject that the receiver does not know.
func (r *Receiver) isUnknown(e *event) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.subjects[e.Data.Subject] == nil && e.Data.Decision == "rejected"
}

// hasStatus reports whether the subject of an event already has the status that the event reports.
func (r *Receiver) hasStatus(e *event) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.subjects[e.Data.Subject]
	return s != nil && s.Status == e.Data.Decision
}

// sleep waits for d, or until the receiver is closed.
func (r *Receiver) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.closing:
	}
}

// patience is how long the API may lag behind an event.
const patience = 3 * time.Second

// process applies an event after the API has confirmed it. It repeats a failed query: the event is acknowledged, so the
// provider does not send it again.
func (r *Receiver) process(ctx context.Context, e *event) {
	if e.Type == "verification.viewed" && r.has(ResetsAtSignals) {
		e.Type, e.Data.Decision = "verification.pending", "pending"
	}
	if !slices.Contains(verificationEvents, e.Type) && !r.has(TreatsAllAsVerification) && !r.has(ReadsDecisionOfAnyType) {
		return
	}
	if (r.has(LosesQueueOnRestart) || r.has(LosesStormOnRestart) && r.overLimit(20)) && lost(r) {
		return
	}
	again := time.Now().Add(patience)
	for first := true; ; first = false {
		v, err := r.query(ctx, e)
		if err == nil {
			owned := v.Subject == "" || v.Subject == e.Data.Subject || r.has(IgnoresOwner)
			if owned && (first || v.Decision == "approved") {
				r.apply(e, v.Decision)
			}
			if v.Decision != "pending" || e.Data.Decision != "approved" || r.has(NeverAsksAgain) || time.Now().After(again) {
				return
			}
		}
		if r.has(DropsFailedWork) && err != nil {
			return
		}
		if r.has(GrantsIfAPIFails) && err != nil {
			r.apply(e, "approved")
			return
		}
		r.sleep(100 * time.Millisecond)
		select {
		case <-r.closing:
			return
		default:
		}
	}
}

// lost reports whether the receiver was restarted before an acknowledged event was processed.
func lost(r *Receiver) bool {
	restarts := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.restarts
	}
	before := restarts()
	r.sleep(100 * time.Millisecond)
	return restarts() != before
}

// verification is the API's record of a verification. It is empty if the receiver has no API.
type verification struct{ Decision, Subject string }

// query returns the verification of an event according to the API.
func (r *Receiver) query(ctx context.Context, e *event) (verification, error) {
	if r.API == "" || e.Type == "ping" {
		return verification{}, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.API+"/verifications/"+asked(r, e), nil)
	if err != nil {
		return verification{}, err
	}
	req.Header.Set("Authorization", "Bearer "+r.Key)
	resp, err := r.client.Do(req)
	if err != nil {
		return verification{}, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return verification{Decision: "unknown"}, nil
	case resp.StatusCode != http.StatusOK:
		return verification{}, errors.New(resp.Status)
	}
	var v verification
	err = json.NewDecoder(resp.Body).Decode(&v)
	return v, err
}
