package httpapi

import (
	"io"
	"net/http"
	"strconv"

	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
	"github.com/idmock/idmock/mockserver/metrics"
)

// system serves the paths that concern the server itself.
type system struct {
	backend control.Backend
	options Options
}

// health reports that the process responds. It does not touch the store: a store outage must not restart the process.
func (s system) health(w http.ResponseWriter, _ *http.Request) error {
	targets := "local"
	if s.options.StrictTargets {
		targets = "strict"
	}
	return wire.Send(w, http.StatusOK, map[string]string{"status": "ok", "version": s.options.Version, "targets": targets})
}

func (s system) ready(w http.ResponseWriter, r *http.Request) error {
	if err := s.backend.Catalogue.Ready(r.Context()); err != nil {
		return problem.New(http.StatusServiceUnavailable, "%v", err)
	}
	return wire.Send(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (s system) login(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Token string `json:"token"`
	}
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	s.options.Token.Login(w, r, body.Token)
	return nil
}

func (s system) logout(w http.ResponseWriter, r *http.Request) error {
	if err := wire.RejectBody(w, r); err != nil {
		return err
	}
	s.options.Token.Logout(w, r)
	return nil
}

func (s system) metrics(w http.ResponseWriter, r *http.Request) error {
	text, err := s.options.Metrics.Append(r.Context(), nil)
	if err != nil {
		return err
	}
	wire.Write(w, http.StatusOK, metrics.ContentType, text)
	return nil
}

type publicURL struct {
	URL string `json:"url"`
}

func (s system) publicURL(w http.ResponseWriter, r *http.Request) error {
	url, err := s.backend.PublicURLs.PublicURL(r.Context())
	return wire.SendResult(w, publicURL{url}, err)
}

func (s system) setPublicURL(w http.ResponseWriter, r *http.Request) error {
	var body publicURL
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	if err := s.backend.PublicURLs.SetPublicURL(r.Context(), body.URL); err != nil {
		return err
	}
	return s.publicURL(w, r)
}

// maxReceived limits the bodies that the receiver accepts, in bytes. Webhooks may contain images.
const maxReceived = 16 << 20

// receiver is a webhook endpoint for users without one: it accepts any request and responds with the status in its query. The
// journal has the request as part of the attempt.
func receiver(w http.ResponseWriter, r *http.Request) error {
	status := http.StatusOK
	if text := r.URL.Query().Get("status"); text != "" {
		var err error
		if status, err = strconv.Atoi(text); err != nil || status < 200 || status > 599 {
			return wire.BadRequest("invalid status %q: use 200 to 599", text)
		}
	}
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxReceived))
	if err := wire.BodyError(err); err != nil {
		return err
	}
	if status == http.StatusNoContent || status == http.StatusNotModified { // must not have a body
		w.WriteHeader(status)
		return nil
	}
	return wire.Send(w, status, map[string]bool{"received": true})
}
