package httpapi

import (
	"net/http"
	"strconv"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
)

type faults struct{ backend control.Faults }

func (f faults) list(w http.ResponseWriter, r *http.Request) error {
	all, err := f.backend.Faults(r.Context(), wire.Account(r))
	return wire.SendResult(w, all, err)
}

func (f faults) catalogue(w http.ResponseWriter, _ *http.Request) error {
	return wire.Send(w, http.StatusOK, f.backend.FaultCatalogue())
}

func (f faults) set(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Fault       string         `json:"fault"`
		Args        map[string]any `json:"args"`
		On          string         `json:"on"`
		Provider    string         `json:"provider"`
		Event       string         `json:"event"`
		Operation   string         `json:"operation"`
		Endpoint    string         `json:"endpoint"`
		Delivery    string         `json:"delivery"`
		Probability *float64       `json:"probability"`
		Times       int            `json:"times"`
	}
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	if err := wire.Require("fault", body.Fault); err != nil {
		return err
	}
	if body.Times < 0 {
		return control.Invalidf("invalid times %d: use the number of uses, or 0 for unlimited", body.Times)
	}
	args, err := textArgs(body.Args)
	if err != nil {
		return err
	}
	if _, misplaced := args["times"]; misplaced {
		return control.Invalidf("args.times is not an argument: put times beside args")
	}
	if body.Probability != nil {
		args["probability"] = formatNumber(*body.Probability)
	}
	fault, err := f.backend.SetFault(r.Context(), control.Fault{Account: wire.Account(r), On: body.On, Fault: body.Fault, Args: args, Provider: body.Provider,
		Event: body.Event, Operation: body.Operation, Endpoint: body.Endpoint, Delivery: body.Delivery, Times: body.Times})
	return wire.SendResult(w, fault, err)
}

// textArgs converts arguments to their form in a scenario file.
func textArgs(args map[string]any) (map[string]string, error) {
	texts := make(map[string]string, len(args))
	for name, value := range args {
		switch value := value.(type) {
		case string:
			texts[name] = value
		case bool:
			texts[name] = strconv.FormatBool(value)
		case float64:
			texts[name] = formatNumber(value)
		default:
			return nil, control.Invalidf("args.%s must be a string, a number, true or false, not %v", name, value)
		}
	}
	return texts, nil
}

func formatNumber(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func (f faults) remove(w http.ResponseWriter, r *http.Request) error {
	return wire.NoContent(w, f.backend.RemoveFault(r.Context(), wire.Account(r), r.PathValue("id")))
}
