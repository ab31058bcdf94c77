package reference

import (
	"context"
	"encoding/json"
	"html"
	"net"
	"net/http"
	"strings"
	"time"
)

// trusts reports whether a flaw makes the receiver accept a request without looking at its signature.
func trusts(r *Receiver, req *http.Request) bool {
	switch r.Flaw {
	case TrustsConnection:
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.verified["from "+req.RemoteAddr]
	case TrustsAddress:
		host, _, _ := net.SplitHostPort(req.RemoteAddr)
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.verified["host "+host]
	case TrustsRealIP:
		return strings.HasPrefix(req.Header.Get("X-Real-IP"), "127.")
	case TrustsForwarded:
		return strings.Contains(req.Header.Get("Forwarded"), "for=127.")
	case TrustsForwardedHost:
		return req.Header.Get("X-Forwarded-Host") == "localhost"
	case TrustsOrigin:
		return req.Header.Get("Origin") == "https://api.provider.example"
	case TrustsQuery:
		return req.URL.Query().Get("verified") == "true"
	case TrustsUserAgent:
		return strings.HasPrefix(req.Header.Get("User-Agent"), "Provider-Webhooks/")
	case TrustsForwardedFor:
		return strings.HasPrefix(req.Header.Get("X-Forwarded-For"), "127.")
	case TrustsDebugHeader:
		return req.Header.Get("X-Debug") != ""
	case TrustsVerifiedHeader:
		return req.Header.Get("X-Signature-Verified") == "true"
	}
	return false
}

// poison records the id of an event that is not verified yet. It implements RecordsBeforeVerifying: the second request with
// the id is a duplicate.
func poison(r *Receiver, body []byte) {
	var e event
	if json.Unmarshal(body, &e) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.early[e.ID]++
	if r.early[e.ID] > 1 {
		r.seen[e.ID] = true
	}
}

// identity returns the key by which an event is recognized as a duplicate, with the flaws that confuse events.
func identity(r *Receiver, e *event) string {
	switch r.Flaw {
	case IgnoresIDCase:
		return strings.ToLower(e.ID)
	case CutsID32:
		return e.ID[:min(len(e.ID), 32)]
	case CutsID64:
		return e.ID[:min(len(e.ID), 64)]
	case DeduplicatesByContent:
		return e.Data.Subject + e.Data.Decision
	case HasTwoWorkers:
		r.mu.Lock()
		defer r.mu.Unlock()
		r.turns++
		return e.ID + strings.Repeat("+", r.turns%2)
	}
	return e.ID
}

// remembered is the number of ids that receivers with these flaws keep.
var remembered = map[FlawID]int{RemembersFew: 100, RemembersFiveHundred: 500, RemembersLastOnly: 1}

// forget drops the oldest id. The caller holds mu.
func forget(r *Receiver, id string) {
	r.order = append(r.order, id)
	if len(r.order) > remembered[r.Flaw] {
		delete(r.seen, r.order[0])
		r.order = r.order[1:]
	}
}

// inSequence runs background work one after the other. It implements WaitsInSequence.
func inSequence(r *Receiver, work func(context.Context)) func(context.Context) {
	return func(ctx context.Context) {
		r.busy.Lock()
		defer r.busy.Unlock()
		work(ctx)
	}
}

// storedID returns the key of a person: unchanged, except with a flaw. The caller holds mu.
func storedID(r *Receiver, id string) string {
	switch r.Flaw {
	case NamesAsNumbers:
		return strings.TrimLeft(id, "0")
	case KeepsDigits:
		return strings.TrimPrefix(id, "user-")
	case FoldsSubjects:
		return strings.ToLower(id)
	case CutsSubject:
		return id[:min(len(id), 32)]
	case MatchesNamePrefix:
		for known := range r.subjects {
			if strings.HasPrefix(id, known) {
				return known
			}
		}
	}
	return id
}

// storedName returns a name as it is stored: unchanged, except with a flaw.
func storedName(r *Receiver, name string) string {
	switch r.Flaw {
	case CutsNames:
		runes := []rune(name)
		return string(runes[:min(len(runes), 255)])
	case TrimsNames:
		return strings.TrimSpace(name)
	case StripsMarkup:
		return strings.NewReplacer("<b>", "", "</b>", "").Replace(name)
	case DropsEmoji:
		return strings.Map(func(c rune) rune {
			if c > 0xffff {
				return -1
			}
			return c
		}, name)
	case DoublesQuotes:
		return strings.ReplaceAll(name, "'", "''")
	case ComposesCharacters:
		return strings.NewReplacer("e\u0308", "\u00eb", "e\u0302\u0303", "\u1ec5").Replace(name)
	case DropsDirections:
		return strings.ReplaceAll(name, "\u200f", "")
	case EncodesTwice:
		return html.EscapeString(html.EscapeString(name))
	case DropsCombiningMarks:
		return strings.NewReplacer("\u0308", "", "\u0302", "", "\u0303", "").Replace(name)
	}
	return name
}

// reconcile queries the API about a verification until it knows the result, or a newer event has arrived. A process that is
// restarted continues, since it finds the verification in its database. The caller holds mu.
func reconcile(r *Receiver, subject, verification string) {
	e := &event{Type: "verification.completed", CreatedAt: time.Now(), Environment: "live"}
	e.Data.Verification, e.Data.Subject = verification, subject
	restarts := r.restarts
	r.background(func(ctx context.Context) {
		for until := time.Now().Add(2 * patience); time.Now().Before(until) && ctx.Err() == nil; r.sleep(50 * time.Millisecond) {
			r.mu.Lock()
			lost := r.has(WatchesInMemory) && r.restarts != restarts
			r.mu.Unlock()
			if lost {
				return
			}
			if v, err := r.query(ctx, e); err == nil && v.Decision == "approved" && v.Subject == subject {
				e.Data.Decision = v.Decision
				r.apply(e, v.Decision)
				return
			}
		}
	})
}
