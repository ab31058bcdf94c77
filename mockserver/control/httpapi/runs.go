package httpapi

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
)

// runs plays scenarios, calls operations, and sends and simulates events.
type runs struct{ backend control.Backend }

func (h runs) play(w http.ResponseWriter, r *http.Request) error {
	var req control.PlayRequest
	if err := wire.Decode(w, r, &req); err != nil {
		return err
	}
	req.Account = wire.Account(r)
	if err := wire.Require("provider", req.Provider, "scenario", req.Scenario); err != nil {
		return err
	}
	if req.Requests < 0 || req.Requests > control.MaxRequests {
		return control.Invalidf("invalid requests %d: use a number from 1 to %d", req.Requests, control.MaxRequests)
	}
	wire.NoDeadline(w)
	result, err := h.backend.Runs.Play(r.Context(), req)
	if err != nil {
		return err
	}
	return sendPlayResult(w, result)
}

func (h runs) call(w http.ResponseWriter, r *http.Request) error {
	var req control.CallRequest
	if err := wire.Decode(w, r, &req); err != nil {
		return err
	}
	req.Account = wire.Account(r)
	if err := wire.Require("provider", req.Provider, "operation", req.Operation); err != nil {
		return err
	}
	result, err := h.backend.Operations.Call(r.Context(), req)
	if err != nil {
		return err
	}
	return sendPlayResult(w, result)
}

// sendPlayResult sends the provider's response. A body that is not JSON, such as the HTML of a gateway error, becomes a string.
func sendPlayResult(w http.ResponseWriter, result control.PlayResult) (err error) {
	var body jsontext.Value
	switch {
	case len(result.Body) == 0:
	case jsontext.Value(result.Body).IsValid():
		body = result.Body
	default:
		if body, err = json.Marshal(string(result.Body), jsontext.AllowInvalidUTF8(true)); err != nil {
			return err
		}
	}
	return wire.Send(w, http.StatusOK, struct {
		Run       string         `json:"run,omitempty"`
		Reference string         `json:"reference,omitempty"`
		Status    int            `json:"status,omitzero"`
		Body      jsontext.Value `json:"body,omitzero"`
		Requests  int            `json:"requests,omitzero"`

		Preview *control.Preview `json:"preview,omitzero"`
	}{result.Run, result.Reference, result.Status, body, result.Requests, result.Preview})
}

func (h runs) record(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if err := wire.Require("provider", q.Get("provider")); err != nil {
		return err
	}
	file, err := h.backend.Runs.Record(r.Context(), wire.Account(r), q.Get("provider"), r.PathValue("run"), q.Get("name"))
	if err != nil {
		return err
	}
	wire.Write(w, http.StatusOK, "application/yaml", file)
	return nil
}

func (h runs) arm(w http.ResponseWriter, r *http.Request) error {
	var req control.ArmRequest
	if err := wire.Decode(w, r, &req); err != nil {
		return err
	}
	req.Account = wire.Account(r)
	if err := wire.Require("provider", req.Provider, "scenario", req.Scenario); err != nil {
		return err
	}
	if req.Calls < 0 {
		return control.Invalidf("invalid calls %d: use the number of requests, or 0 for all requests until a reset", req.Calls)
	}
	return wire.NoContent(w, h.backend.Runs.Arm(r.Context(), req))
}

func (h runs) defaults(w http.ResponseWriter, r *http.Request) error {
	all, err := h.backend.Runs.Defaults(r.Context(), wire.Account(r))
	return wire.SendResult(w, all, err)
}

func (h runs) setDefault(w http.ResponseWriter, r *http.Request) error {
	var req control.DefaultRequest
	if err := wire.Decode(w, r, &req); err != nil {
		return err
	}
	req.Account = wire.Account(r)
	if err := wire.Require("provider", req.Provider); err != nil {
		return err
	}
	return wire.NoContent(w, h.backend.Runs.SetDefault(r.Context(), req))
}

func (h runs) simulate(w http.ResponseWriter, r *http.Request) error {
	var req control.SimulateRequest
	if err := wire.Decode(w, r, &req); err != nil {
		return err
	}
	req.Account = wire.Account(r)
	if err := wire.Require("name", req.Name); err != nil {
		return err
	}
	wire.NoDeadline(w)
	simulated, err := h.backend.Runs.Simulate(r.Context(), req)
	return wire.SendResult(w, simulated, err)
}

func (h runs) send(w http.ResponseWriter, r *http.Request) error {
	var req control.SendRequest
	if err := wire.Decode(w, r, &req); err != nil {
		return err
	}
	req.Account = wire.Account(r)
	if err := wire.Require("provider", req.Provider, "event", req.Event); err != nil {
		return err
	}
	sent, err := h.backend.Sender.Send(r.Context(), req)
	if err != nil {
		return err
	}
	if req.Preview {
		return wire.Send(w, http.StatusOK, sent)
	}
	return wire.Send(w, http.StatusAccepted, sent)
}
