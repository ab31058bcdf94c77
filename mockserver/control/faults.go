package control

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// Faults are the ways of misbehaving that are set by hand. Where an account has none of its own on what is sent, or on
// what is answered, everybody's play.
type Faults interface {
	// Faults returns those of an account; for "", everybody's.
	Faults(ctx context.Context, account string) ([]Fault, error)
	// FaultCatalogue returns all that there are to set.
	FaultCatalogue() []FaultVerb
	// SetFault sets a fault and returns it with its ID, and with where it stands. One for a delivery has no ID: it is the
	// delivery's from then on.
	SetFault(ctx context.Context, f Fault) (Fault, error)
	// RemoveFault takes one away, or all with the ID "". The error is store.ErrNotFound when there is none of that ID.
	RemoveFault(ctx context.Context, account, id string) error
}

// Fault is a fault that is set. What is empty of provider, event, operation, endpoint and delivery stands for any.
type Fault struct {
	ID        string            `json:"id,omitempty"`
	Account   string            `json:"account"`
	On        string            `json:"on"` // "delivery" or "reply"
	Fault     string            `json:"fault"`
	Args      map[string]string `json:"args,omitempty"`
	Provider  string            `json:"provider,omitempty"`
	Event     string            `json:"event,omitempty"`     // with wildcards
	Operation string            `json:"operation,omitempty"` // likewise
	Endpoint  string            `json:"endpoint,omitempty"`
	Delivery  string            `json:"delivery,omitempty"`
	Times     int               `json:"times,omitempty"` // so many plays are left; 0: until it is taken away
}

// FaultVerb is a fault that there is.
type FaultVerb struct {
	Name  string     `json:"name"`
	Where []string   `json:"where"` // "delivery", "reply" or both
	About string     `json:"about"` // a sentence for people
	Args  []FaultArg `json:"args"`
}

// FaultArg is something that a fault can be told.
type FaultArg struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"` // duration, number, chance, size, text or choice
	Default string   `json:"default"`
	Of      []string `json:"of,omitempty"`    // what a choice can be
	Where   string   `json:"where,omitempty"` // empty: wherever the fault can stand
	About   string   `json:"about"`
}

func (a *api) faults(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Faults.Faults(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) faultCatalogue(w http.ResponseWriter, _ *http.Request) error {
	return send(w, http.StatusOK, a.Faults.FaultCatalogue())
}

func (a *api) setFault(w http.ResponseWriter, r *http.Request) error {
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
	if err := receive(w, r, &body); err != nil {
		return err
	}
	if err := need("fault", body.Fault); err != nil {
		return err
	}
	if body.Times < 0 {
		return Invalidf("times is %d: give how often it plays, or 0 for always", body.Times)
	}
	args, err := texts(body.Args)
	if err != nil {
		return err
	}
	if _, twice := args["times"]; twice {
		return Invalidf("args: times stands beside args, not in them")
	}
	if body.Probability != nil {
		if args == nil {
			args = map[string]string{}
		}
		args["probability"] = strconv.FormatFloat(*body.Probability, 'f', -1, 64)
	}
	set, err := a.Faults.SetFault(r.Context(), Fault{Account: account(r), On: body.On, Fault: body.Fault, Args: args, Provider: body.Provider,
		Event: body.Event, Operation: body.Operation, Endpoint: body.Endpoint, Delivery: body.Delivery, Times: body.Times})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, set)
}

// texts are arguments as they would be written in a scenario file.
func texts(args map[string]any) (map[string]string, error) {
	var all map[string]string
	for name, value := range args {
		if all == nil {
			all = map[string]string{}
		}
		switch value := value.(type) {
		case string:
			all[name] = value
		case bool:
			all[name] = strconv.FormatBool(value)
		case float64:
			all[name] = strconv.FormatFloat(value, 'f', -1, 64)
		default:
			return nil, Invalidf("args: %s must be one value: a string, a number, true or false, not %s", name, fmt.Sprint(value))
		}
	}
	return all, nil
}

func (a *api) removeFault(w http.ResponseWriter, r *http.Request) error {
	if err := a.Faults.RemoveFault(r.Context(), account(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
