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
)

// event is what the receiver reads of an event. What else stands in it may change at any time.
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
		Final        *bool  `json:"final"`
		Name         string `json:"name"`
		URL          string `json:"url"`
		Face         *struct {
			Match bool    `json:"match"`
			Score float64 `json:"score"`
		} `json:"face"`
	} `json:"data"`
	Proto struct {
		Decision string `json:"decision"`
	} `json:"__proto__"`
}

// like is how sure a face must be.
const like = 0.8

// known are the events that tell of a verification.
var known = []string{"verification.completed", "verification.pending", "verification.revoked", "monitoring.hit"}

// understand reads an event. It returns the status to refuse it with, and why; 0 is right.
func (r *Receiver) understand(body []byte) (*event, int, string) {
	broken := func(flaw FlawID) (*event, int, string) {
		if r.has(flaw) {
			return nil, http.StatusInternalServerError, "unexpected"
		}
		return nil, http.StatusBadRequest, "this is no event"
	}
	switch trimmed := bytes.TrimSpace(body); {
	case len(trimmed) == 0:
		return broken(FailsOnEmptyBody)
	case !utf8.Valid(body):
		return broken(FailsOnInvalidUTF8)
	case r.has(FailsOnByteOrderMark) && bytes.HasPrefix(trimmed, []byte("\xef\xbb\xbf")):
		return nil, http.StatusInternalServerError, "unexpected"
	case !json.Valid(trimmed):
		return broken(FailsOnInvalidJSON)
	case trimmed[0] != '{':
		return broken(FailsOnScalarJSON)
	case r.has(RecursesOnNesting) && bytes.Contains(body, []byte("[[[[[[[[[[[[[[[[[[[[[[[[")):
		panic(http.ErrAbortHandler)
	case r.has(RequiresMemberOrder) && !bytes.HasPrefix(trimmed, []byte(`{"id"`)) && !bytes.HasPrefix(trimmed, []byte("{\n")) && !bytes.HasPrefix(trimmed, []byte(`{"id": `)):
		return nil, http.StatusBadRequest, "id does not come first"
	case r.has(FailsOnNull) && bytes.Contains(body, []byte(":null")) && !bytes.Contains(body, []byte("new_")):
		return nil, http.StatusInternalServerError, "null"
	case r.has(RefusesUnknownMembers) && bytes.Contains(body, []byte(`"new_`)):
		return nil, http.StatusBadRequest, "unknown field"
	}
	e := &event{}
	if err := json.Unmarshal(body, e); err != nil {
		return nil, http.StatusBadRequest, "this is no event"
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
	if slices.Contains(known, e.Type) && (e.Data.Verification == "" || e.Data.Subject == "") {
		if r.has(AcceptsIncomplete) {
			return e, 0, ""
		}
		return nil, http.StatusBadRequest, "verification or subject is missing"
	}
	if r.has(RequiresSubject) && e.Data.Subject == "" {
		return nil, http.StatusBadRequest, "there is no subject"
	}
	if r.has(RefusesUnknownEvents) && !slices.Contains(known, e.Type) && e.Type != "ping" {
		return nil, http.StatusBadRequest, "unknown type"
	}
	return e, 0, ""
}

// take remembers an event, answers, and works on it.
func (r *Receiver) take(w http.ResponseWriter, req *http.Request, e *event) {
	id := e.ID
	switch {
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
	if r.has(LosesAcknowledged) && r.busier(10) {
		answer(w, http.StatusOK, nil)
		return
	}
	if r.has(RefusesSameContent) && r.told(e) {
		answer(w, http.StatusBadRequest, said{"nothing new"})
		return
	}
	r.mu.Lock()
	again := id != "" && r.seen[id]
	late := r.has(ChecksThenRecords) || r.has(RecordsAfterResponse)
	if !late {
		r.seen[id] = true
	}
	r.mu.Unlock()
	switch {
	case again && r.has(RefusesReplay):
		answer(w, http.StatusUnauthorized, said{"replay"})
		return
	case again && r.has(RespondsConflict):
		answer(w, http.StatusConflict, said{"duplicate"})
		return
	case again:
		answer(w, http.StatusOK, nil)
		return
	case r.has(FailsOnPending) && e.Data.Decision == "pending":
		answer(w, http.StatusInternalServerError, said{"no handler"})
		return
	case r.has(WorksBeforeResponding) && e.Data.Decision == "rejected":
		r.rest(time.Minute)
	case r.has(RespondsSlowly):
		r.rest(1200 * time.Millisecond)
	case r.has(FailsOnUnknownSubject) && r.unknown(e):
		answer(w, http.StatusInternalServerError, said{"foreign key violation"})
		return
	case r.has(QueriesBeforeResponding):
		_, _ = r.ask(req.Context(), e) // the answer waits for it, whatever it says
	case r.has(EchoesEvent):
		answer(w, http.StatusOK, e)
		r.work.Go(func() { r.process(e) })
		return
	case r.has(RespondsAtLength):
		_, _ = io.WriteString(w, strings.Repeat("thank you ", 3000))
		r.work.Go(func() { r.process(e) })
		return
	}
	if late {
		r.rest(50 * time.Millisecond)
		if r.has(RecordsAfterResponse) {
			r.rest(300 * time.Millisecond)
		}
		r.mu.Lock()
		r.seen[id] = true
		r.mu.Unlock()
		r.process(e)
		answer(w, http.StatusOK, nil)
		return
	}
	answer(w, http.StatusOK, nil)
	r.work.Go(func() { r.process(e) })
}

func (r *Receiver) unknown(e *event) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.people[e.Data.Subject] == nil && e.Data.Decision == "rejected"
}

func (r *Receiver) told(e *event) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.people[e.Data.Subject]
	return p != nil && p.Status == e.Data.Decision
}

func (r *Receiver) rest(d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.ctx.Done():
	}
}

// process does what an event says, once the API says the same. While the API does not answer, it is asked again: the
// provider was told that the event has arrived, and will not send it once more.
func (r *Receiver) process(e *event) {
	if !slices.Contains(known, e.Type) && !r.has(TreatsAllAsVerification) {
		return
	}
	for {
		says, err := r.ask(r.ctx, e)
		if err == nil {
			if says.Subject == "" || says.Subject == e.Data.Subject || r.has(IgnoresOwner) {
				r.apply(e, says.Decision)
			}
			return
		}
		if r.has(DropsFailedWork) {
			return
		}
		r.rest(50 * time.Millisecond)
		if r.ctx.Err() != nil {
			return
		}
	}
}

// opinion is what the API says of a verification: how it stands, and whose it is. It is empty where nobody was asked.
type opinion struct{ Decision, Subject string }

// ask asks the API how the verification stands.
func (r *Receiver) ask(ctx context.Context, e *event) (opinion, error) {
	if r.API == "" || e.Type == "ping" {
		return opinion{}, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.API+"/verifications/"+e.Data.Verification, nil)
	if err != nil {
		return opinion{}, err
	}
	req.Header.Set("Authorization", "Bearer "+r.Key)
	resp, err := r.client.Do(req)
	if err != nil {
		return opinion{}, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return opinion{Decision: "unknown"}, nil
	case resp.StatusCode != http.StatusOK:
		return opinion{}, errors.New(resp.Status)
	}
	var says opinion
	err = json.NewDecoder(resp.Body).Decode(&says)
	return says, err
}
