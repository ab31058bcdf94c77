package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/history"
	"github.com/idmock/idmock/mockserver/control/wire"
)

// conformance serves the conformance suite.
type conformance struct{ optional control.Checks }

// suite returns the backend, or the problem of a server without one.
func (c conformance) suite() (control.Checks, error) {
	if c.optional == nil {
		return nil, problem.New(http.StatusNotImplemented, "this server has no conformance suite: use idmock serve or, in Go, set mockserver.Config.Checks")
	}
	return c.optional, nil
}

// sendFrom sends the result of a method of the suite.
func sendFrom[T any](c conformance, w http.ResponseWriter, call func(control.Checks) (T, error)) error {
	suite, err := c.suite()
	if err != nil {
		return err
	}
	result, err := call(suite)
	return wire.SendResult(w, result, err)
}

func (c conformance) profiles(w http.ResponseWriter, r *http.Request) error {
	return sendFrom(c, w, func(s control.Checks) ([]control.CheckProfile, error) { return s.Profiles(r.Context()) })
}

func (c conformance) checks(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return sendFrom(c, w, func(s control.Checks) ([]control.Check, error) {
		return s.List(r.Context(), cmp.Or(q.Get("kind"), "receiver"), q.Get("provider"))
	})
}

func (c conformance) runs(w http.ResponseWriter, r *http.Request) error {
	return sendFrom(c, w, func(s control.Checks) ([]control.CheckRun, error) { return s.Runs(r.Context(), wire.Account(r)) })
}

func (c conformance) begin(w http.ResponseWriter, r *http.Request) error {
	suite, err := c.suite()
	if err != nil {
		return err
	}
	var req control.CheckRequest
	if err := wire.Decode(w, r, &req); err != nil {
		return err
	}
	req.Account = wire.Account(r)
	if err := wire.Require("kind", req.Kind, "provider", req.Provider, "url", req.URL); err != nil {
		return err
	}
	run, err := suite.Begin(r.Context(), req)
	if err != nil {
		return err
	}
	w.Header().Set("Location", control.Base+"/conformance/runs/"+run.ID)
	return wire.Send(w, http.StatusAccepted, run)
}

func (c conformance) run(w http.ResponseWriter, r *http.Request) error {
	suite, err := c.suite()
	if err != nil {
		return err
	}
	var patience time.Duration
	if text := r.URL.Query().Get("wait"); text != "" {
		if patience, err = history.Timeout(text); err != nil {
			return err
		}
		wire.NoDeadline(w)
	}
	run, err := suite.Run(r.Context(), r.PathValue("id"), patience)
	if err != nil {
		return err
	}
	if format := r.URL.Query().Get("format"); format != "" {
		return sendReport(r.Context(), w, suite, run.ID, format)
	}
	return wire.Send(w, http.StatusOK, run)
}

// sendReport sends a report. It quotes text from third parties, so the policy prevents a browser from running any of it.
func sendReport(ctx context.Context, w http.ResponseWriter, suite control.Checks, id, format string) error {
	mediaType := reportMediaType(format)
	if mediaType == "" {
		return wire.BadRequest("unknown format %q: use json, junit, html or text", format)
	}
	report, err := suite.Report(ctx, id, format)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	wire.Write(w, http.StatusOK, mediaType, report)
	return nil
}

func reportMediaType(format string) string {
	switch format {
	case "json":
		return "application/json"
	case "junit":
		return "application/xml"
	case "html":
		return "text/html; charset=utf-8"
	case "text":
		return "text/plain; charset=utf-8"
	}
	return ""
}

func (c conformance) result(w http.ResponseWriter, r *http.Request) error {
	suite, err := c.suite()
	if err != nil {
		return err
	}
	result, err := suite.Result(r.Context(), r.PathValue("id"), r.PathValue("group")+"/"+r.PathValue("name"))
	return wire.SendResult(w, result, err)
}

func (c conformance) stop(w http.ResponseWriter, r *http.Request) error {
	wire.NoDeadline(w)
	return sendFrom(c, w, func(s control.Checks) (control.CheckRun, error) { return s.Stop(r.Context(), r.PathValue("id")) })
}
