package reference

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const maxBody = 1<<20 + 64<<10

// hook serves a webhook: it reads, verifies and parses the event, and passes it to accept.
func (r *Receiver) hook(w http.ResponseWriter, req *http.Request) {
	if r.handshake(w, req) || !r.admit(w, req) {
		return
	}
	if r.has(BreaksIdleConnection) && r.breakIdle(w, req) {
		return
	}
	if r.has(BlocksOthers) {
		r.busy.Lock()
		defer r.busy.Unlock()
	}
	if r.has(WorksInSequence) {
		r.busy.Lock()
		r.sleep(100 * time.Millisecond)
		r.busy.Unlock()
	}
	body, err := r.read(w, req)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		w.Header().Set("Connection", "close")
		respond(w, http.StatusRequestEntityTooLarge, problem{"the body is too large"})
		return
	case err != nil && r.has(ActsOnPartialBody):
		r.actOnPartial(body)
		return
	case err != nil: // the client disconnected
		panic(http.ErrAbortHandler)
	}
	if r.has(ActsBeforeVerifying) {
		if e, status, _ := r.parse(body); status == 0 {
			r.apply(e, "")
		}
	}
	if status, reason := r.verify(req, body); status != 0 {
		r.mu.Lock()
		r.refused[req.RemoteAddr] = true
		r.mu.Unlock()
		switch {
		case r.has(RevealsSignature):
			reason = "signature mismatch, expected " + r.expected(req, body, r.key(0))
		case r.has(RevealsSecret):
			reason = "signature mismatch with secret " + r.Secrets[0]
		case r.has(RevealsInHeader):
			w.Header().Set("X-Expected-Signature", r.expected(req, body, r.key(0)))
		case r.has(RevealsStackTrace):
			reason = "Traceback (most recent call last):\n  File \"app.py\", line 12, in hook"
		}
		respond(w, status, problem{reason})
		return
	}
	if r.has(AcceptsCompressedUnverified) && req.Header.Get("Content-Encoding") == "gzip" {
		if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, _ = io.ReadAll(z) // the flaw accepts a truncated body, too
		}
	}
	if r.has(JudgesConnectionOnce) && r.wasRefused(req.RemoteAddr) {
		respond(w, http.StatusUnauthorized, problem{"this connection was refused"})
		return
	}
	mediaType, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	mediaType, body = r.payload(mediaType, body)
	if err != nil || mediaType != "application/json" {
		if r.has(FailsOnContentType) {
			respond(w, http.StatusInternalServerError, problem{"cannot parse"})
			return
		}
		respond(w, http.StatusUnsupportedMediaType, problem{"unsupported media type: use application/json"})
		return
	}
	if r.has(ComparesContentTypeText) && req.Header.Get("Content-Type") != "application/json" {
		respond(w, http.StatusUnsupportedMediaType, problem{"unsupported media type: use application/json"})
		return
	}
	e, status, reason := r.parse(body)
	if status != 0 {
		respond(w, status, problem{reason})
		return
	}
	if r.has(MergesQuery) {
		mergeQuery(e, req.URL.Query())
	}
	r.accept(w, req, e)
}

// mergeQuery replaces values of an event by those of the query. It implements MergesQuery.
func mergeQuery(e *event, query url.Values) {
	e.Type, e.Data.Decision = cmp.Or(query.Get("type"), e.Type), cmp.Or(query.Get("decision"), e.Data.Decision)
	if final := query.Get("final") == "true"; final {
		e.Data.Final = &final
	}
}

func (r *Receiver) wasRefused(conn string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refused[conn]
}

// admit checks the method, the headers and the rate before the body is read. It responds and returns false for a request
// that it refuses. Flaws that refuse valid requests are here, too.
func (r *Receiver) admit(w http.ResponseWriter, req *http.Request) bool {
	refuse := func(status int, reason string) bool {
		respond(w, status, problem{reason})
		return false
	}
	h := req.Header
	switch {
	case r.has(RefusesAll):
		return refuse(http.StatusUnauthorized, "no")
	case r.has(AcceptsAnyMethod) && req.Method != http.MethodPost:
		return refuse(http.StatusOK, "")
	case r.has(FailsOnOptions) && req.Method == http.MethodOptions:
		return refuse(http.StatusInternalServerError, "no route")
	case r.has(ActsOnAnyMethod) && req.Method == http.MethodPut:
		return true
	case r.has(OmitsAllow) && req.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "method not allowed: use POST")
	case req.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		return refuse(http.StatusMethodNotAllowed, "method not allowed: use POST")
	case r.has(OmitsRetryAfter) && r.overLimit(10):
		return refuse(http.StatusTooManyRequests, "slow down")
	case r.Limit > 0 && r.overLimit(r.Limit):
		w.Header().Set("Retry-After", strconv.Itoa(max(int(r.After.Seconds()), 1)))
		return refuse(http.StatusTooManyRequests, "slow down")
	case r.has(RefusesQuery) && req.URL.RawQuery != "":
		return refuse(http.StatusNotFound, "not found")
	case r.has(LimitsHeaders) && len(h) > 30:
		return refuse(http.StatusRequestHeaderFieldsTooLarge, "too many headers")
	case r.has(FailsOnLongHeader) && len(h.Get("X-Long")) > 4096:
		return refuse(http.StatusInternalServerError, "buffer too small")
	case r.has(RequiresBrowserAgent) && h.Get("User-Agent") == "":
		return refuse(http.StatusForbidden, "bots are not allowed")
	case r.has(RequiresOwnOrigin) && h.Get("Origin") != "":
		return refuse(http.StatusForbidden, "CSRF check failed")
	case r.has(RefusesConnectionClose) && req.Close:
		return refuse(http.StatusBadRequest, "connection: close is not supported")
	case r.has(RefusesExpect) && h.Get("Expect") != "":
		return refuse(http.StatusExpectationFailed, "expectation failed")
	}
	return true
}

// read reads the body, up to its limit.
func (r *Receiver) read(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	limit := int64(maxBody)
	switch {
	case r.has(RequiresContentLength) && req.ContentLength < 0:
		return nil, nil
	case r.has(ReadsFirstSegmentOnly):
		first := make([]byte, 64<<10)
		n, err := req.Body.Read(first)
		if err == io.EOF {
			err = nil
		}
		return first[:n], err
	case r.has(LimitsBody16K):
		limit = 16 << 10
	case r.has(ReadsWithoutLimit):
		limit = 1 << 30
	case r.has(FailsOnLargeBody) && req.ContentLength > 200<<10:
		panic(http.ErrAbortHandler)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, limit))
	return body, err
}

// actOnPartial approves the subject of a truncated body. It implements ActsOnPartialBody.
func (r *Receiver) actOnPartial(body []byte) {
	_, after, _ := strings.Cut(string(body), `"subject":"`)
	id, _, ok := strings.Cut(after, `"`)
	if ok {
		r.mu.Lock()
		r.subjects[id] = &subject{Status: "approved", Effects: 1, updated: time.Now()}
		r.mu.Unlock()
	}
}
