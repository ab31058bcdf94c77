package control

import "context"

// Faults manages deliberate misbehaviour. An account without faults of its own on deliveries, or on responses, inherits those of
// the default account.
type Faults interface {
	// Faults returns the faults of an account; "" is the default account.
	Faults(ctx context.Context, account string) ([]Fault, error)
	// FaultCatalogue returns the kinds of faults.
	FaultCatalogue() []FaultKind
	// SetFault sets a fault and returns it with its ID and resolved target. A fault of one delivery has no ID.
	SetFault(ctx context.Context, f Fault) (Fault, error)
	// RemoveFault deletes a fault, or with the ID "" all. It returns store.ErrNotFound for an unknown ID.
	RemoveFault(ctx context.Context, account, id string) error
}

// Fault is an active fault. Empty conditions match anything.
type Fault struct {
	ID        string            `json:"id,omitempty"`
	Account   string            `json:"account"`
	On        string            `json:"on"` // "delivery" or "reply"
	Fault     string            `json:"fault"`
	Args      map[string]string `json:"args,omitempty"`
	Provider  string            `json:"provider,omitempty"`
	Event     string            `json:"event,omitempty"`     // glob pattern
	Operation string            `json:"operation,omitempty"` // glob pattern
	Endpoint  string            `json:"endpoint,omitempty"`
	Delivery  string            `json:"delivery,omitempty"`
	Times     int               `json:"times,omitempty"` // remaining uses; 0: unlimited
}

// FaultKind is a kind of fault.
type FaultKind struct {
	Name  string           `json:"name"`
	Where []string         `json:"where"` // "delivery", "reply" or both
	About string           `json:"about"` // one sentence
	Args  []FaultParameter `json:"args"`
}

// FaultParameter is a parameter of a fault.
type FaultParameter struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"` // duration, number, chance, size, text or choice
	Default string   `json:"default"`
	Of      []string `json:"of,omitempty"`    // values of a choice
	Where   string   `json:"where,omitempty"` // restricts the argument to "delivery" or "reply"
	About   string   `json:"about"`
}
