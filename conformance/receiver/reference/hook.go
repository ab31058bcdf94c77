package reference

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const maxBody = 1<<20 + 64<<10

// hook takes an event: it is read, known, understood, remembered, answered, and then worked on.
func (r *Receiver) hook(w http.ResponseWriter, req *http.Request) {
	if r.shaken(w, req) || !r.allowed(w, req) {
		return
	}
	if r.has(BreaksIdleConnection) && r.breaksOff(w, req) {
		return
	}
	if r.has(BlocksOthers) {
		r.busy.Lock()
		defer r.busy.Unlock()
	}
	if r.has(WorksInSequence) {
		r.busy.Lock()
		r.rest(100 * time.Millisecond)
		r.busy.Unlock()
	}
	body, err := r.read(w, req)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		w.Header().Set("Connection", "close")
		answer(w, http.StatusRequestEntityTooLarge, said{"the body is too large"})
		return
	case err != nil && r.has(ActsOnPartialBody):
		r.partial(body)
		return
	case err != nil: // the sender went away
		panic(http.ErrAbortHandler)
	}
	if status, reason := r.verify(req, body); status != 0 {
		r.mu.Lock()
		r.spoiled[req.RemoteAddr] = true
		r.mu.Unlock()
		switch {
		case r.has(RevealsSignature):
			reason = "signature mismatch, expected " + r.expected(req, body, r.key(0))
		case r.has(RevealsStackTrace):
			reason = "Traceback (most recent call last):\n  File \"app.py\", line 12, in hook"
		}
		answer(w, status, said{reason})
		return
	}
	if r.has(AcceptsCompressedUnverified) && req.Header.Get("Content-Encoding") == "gzip" {
		if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, _ = io.ReadAll(z) // a flaw does not mind
		}
	}
	if r.has(JudgesConnectionOnce) && r.isSpoiled(req.RemoteAddr) {
		answer(w, http.StatusUnauthorized, said{"this connection was refused"})
		return
	}
	mediaType, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	mediaType, body = r.data(mediaType, body)
	if err != nil || mediaType != "application/json" {
		if r.has(FailsOnContentType) {
			answer(w, http.StatusInternalServerError, said{"cannot parse"})
			return
		}
		answer(w, http.StatusUnsupportedMediaType, said{"want application/json"})
		return
	}
	if r.has(ComparesContentTypeText) && req.Header.Get("Content-Type") != "application/json" {
		answer(w, http.StatusUnsupportedMediaType, said{"want application/json"})
		return
	}
	e, status, reason := r.understand(body)
	if status != 0 {
		answer(w, status, said{reason})
		return
	}
	r.take(w, req, e)
}

func (r *Receiver) isSpoiled(conn string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.spoiled[conn]
}

// allowed judges what stands before the body. It is also where flaws are that refuse what a provider may well send.
func (r *Receiver) allowed(w http.ResponseWriter, req *http.Request) bool {
	refuse := func(status int, reason string) bool {
		answer(w, status, said{reason})
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
	case r.has(OmitsAllow) && req.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "POST events here")
	case req.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		return refuse(http.StatusMethodNotAllowed, "POST events here")
	case r.has(OmitsRetryAfter) && r.busier(10):
		return refuse(http.StatusTooManyRequests, "slow down")
	case r.Limit > 0 && r.busier(r.Limit):
		w.Header().Set("Retry-After", strconv.Itoa(max(int(r.After.Seconds()), 1)))
		return refuse(http.StatusTooManyRequests, "slow down")
	case r.has(RefusesQuery) && req.URL.RawQuery != "":
		return refuse(http.StatusNotFound, "no such page")
	case r.has(LimitsHeaders) && len(h) > 30:
		return refuse(http.StatusRequestHeaderFieldsTooLarge, "too many headers")
	case r.has(FailsOnLongHeader) && len(h.Get("X-Long")) > 4096:
		return refuse(http.StatusInternalServerError, "buffer too small")
	case r.has(RequiresBrowserAgent) && h.Get("User-Agent") == "":
		return refuse(http.StatusForbidden, "bots are not wanted")
	case r.has(RequiresOwnOrigin) && h.Get("Origin") != "":
		return refuse(http.StatusForbidden, "CSRF check failed")
	case r.has(RefusesConnectionClose) && req.Close:
		return refuse(http.StatusBadRequest, "keep the connection")
	case r.has(RefusesExpect) && h.Get("Expect") != "":
		return refuse(http.StatusExpectationFailed, "expectation failed")
	}
	return true
}

// read reads the body as it came.
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

// partial is what a flaw does with a body that broke off.
func (r *Receiver) partial(body []byte) {
	_, rest, _ := strings.Cut(string(body), `"subject":"`)
	subject, _, ok := strings.Cut(rest, `"`)
	if ok {
		r.mu.Lock()
		r.people[subject] = &account{Status: "approved", Effects: 1, happened: time.Now()}
		r.mu.Unlock()
	}
}
