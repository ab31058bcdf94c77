// Package faults decides which faults apply to a response or to a delivery: those that a scenario's rule asks for, those
// set by hand, and random ones. It counts how often each has been applied.
//
// Package webhook/fault defines the effect of each; packages engine and delivery apply them.
package faults

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Injector draws the faults of a server.
type Injector struct {
	accounts  *account.Accounts
	providers Providers
	random    *Random // nil: no random faults
	bytes     int64   // that faults may have an account send
}

// Providers are the providers that a fault may be limited to.
type Providers interface {
	// Names lists them.
	Names() []string
	// Openapi returns them in the same order.
	Openapi() []*openapi.Provider
}

// New returns the faults of a server. random may be nil. bytes is what they may have an account send from one reset to the next;
// 0 means [DefaultBytes].
func New(accounts *account.Accounts, providers Providers, random *Random, bytes int64) *Injector {
	return &Injector{accounts, providers, random, cmp.Or(bytes, DefaultBytes)}
}

// Target is a delivery or a response that faults are drawn for.
type Target struct {
	On       string // scenarios.InDelivery or scenarios.InReply
	Provider string
	Name     string // of the event, or of the operation
	Endpoint string // of a delivery
}

// OfRule returns those of a rule's faults that apply this time, and counts them. source names the rule and its subject,
// so that they are counted for each subject.
func (f *Injector) OfRule(ctx context.Context, t *tx.Tx, a *account.Account, faults []scenarios.Fault, on, source string) ([]scenarios.Fault, error) {
	var apply []scenarios.Fault
	for i, asked := range faults {
		limits := fault.LimitsOf(asked, on)
		if !drawn(a, asked.Name, limits.Probability) {
			continue
		}
		ok, err := count(ctx, t, a, source+" "+strconv.Itoa(i), limits.Times)
		if err != nil {
			return nil, err
		}
		if ok {
			apply = append(apply, asked)
		}
	}
	return apply, nil
}

// Set returns the random faults and those set by hand that apply to a target, and counts the latter. An account with
// faults of its own has none of the default account's.
func (f *Injector) Set(ctx context.Context, t *tx.Tx, a *account.Account, to Target) ([]scenarios.Fault, error) {
	apply := f.random.draw(a, to.On)
	if !f.accounts.HasFaults.Load() {
		return apply, nil
	}
	layers, err := f.accounts.Layers(ctx, t, a)
	if err != nil {
		return nil, err
	}
	for _, layer := range layers {
		own := false
		for _, set := range layer.Faults {
			own = own || set.On == to.On
			if !matches(set, to) {
				continue
			}
			one := scenarios.Fault{Name: set.Name, Args: set.Args}
			if !drawn(a, set.ID, fault.LimitsOf(one, to.On).Probability) {
				continue
			}
			apply = append(apply, one)
			if set.Left > 0 {
				if err := f.use(ctx, t, layer.Account, set.ID); err != nil {
					return nil, err
				}
			}
		}
		if own {
			break
		}
	}
	return apply, nil
}

// matches reports whether a fault that was set by hand is for a target.
func matches(set account.Fault, to Target) bool {
	scope := set.Scope
	if to.On == scenarios.InReply {
		scope.Event = set.Operation
	}
	return set.On == to.On && scope.Matches(to.Provider, to.Name, to.Endpoint)
}

// use counts one application of a fault with a limit.
func (f *Injector) use(ctx context.Context, t *tx.Tx, owner *account.Account, id string) error {
	return f.accounts.Edit(ctx, t, owner, func(next *account.Settings) error {
		i := slices.IndexFunc(next.Faults, func(set account.Fault) bool { return set.ID == id })
		if next.Faults[i].Left--; next.Faults[i].Left == 0 {
			next.Faults = slices.Delete(next.Faults, i, i+1)
		}
		return nil
	})
}

// drawn draws whether something of a probability happens. A certain one takes no draw, so that a fault that always
// applies changes no ID that the account makes later.
func drawn(a *account.Account, what string, probability float64) bool {
	if probability >= 1 {
		return true
	}
	draw := fake.Seed(a.Seed(), "draw", what, a.NextID("f"))
	return float64(draw>>11)/(1<<53) < probability
}

// count counts one more application of a fault that is limited to a number of times, and reports whether it still applies. 0 is
// without limit.
func count(ctx context.Context, t *tx.Tx, a *account.Account, source string, times int) (bool, error) {
	if times == 0 {
		return true, nil
	}
	key := tx.FaultCountKey(a.Name(), source)
	if _, counted := t.Pending(key); counted { // in this unit of work
		return true, nil
	}
	doc, err := t.Find(ctx, key)
	if err != nil {
		return false, err
	}
	applied, _ := strconv.Atoi(string(doc.Data)) // 0 where there is no document
	if applied >= times {
		return false, nil
	}
	t.Put(store.Doc{Key: key, Rev: doc.Rev, Data: strconv.AppendInt(nil, int64(applied)+1, 10), Done: true})
	return true, nil
}

// Names are the names of faults for the journal, each once.
func Names(faults []scenarios.Fault) []string {
	var names []string
	for _, f := range faults {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}
