package control

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// maxReceived is the longest body that the receiver takes, in bytes. Webhooks carry pictures.
const maxReceived = 16 << 20

// receiver is a webhook endpoint for people who have none yet: it takes whatever comes, by any method, and answers the
// status that its URL asks for. What it got is in the journal, as part of the attempt.
func (a *api) receiver(w http.ResponseWriter, r *http.Request) error {
	status := http.StatusOK
	if text := r.URL.Query().Get("status"); text != "" {
		var err error
		if status, err = strconv.Atoi(text); err != nil || status < 200 || status > 599 {
			return badRequest("status is %q: give one from 200 to 599", text)
		}
	}
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxReceived))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the body is longer than the %d bytes that are taken", tooLarge.Limit)}
	}
	if err != nil {
		return badRequest("the body cannot be read: %v", err)
	}
	if status == http.StatusNoContent || status == http.StatusNotModified { // these have no body
		w.WriteHeader(status)
		return nil
	}
	return send(w, status, map[string]bool{"received": true})
}
