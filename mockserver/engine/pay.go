package engine

import (
	"context"
	"slices"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/wallet"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// openWallet has expressions see the account's wallet.
func (q *request) openWallet(ctx context.Context) (err error) {
	q.wallet, err = wallet.Open(ctx, q.engine.Accounts, q.Tx, q.account, q.provider.Provider)
	q.scope.Wallet = q.wallet.Values()
	return err
}

// unpaid returns the scenario of a request that the account cannot pay; nil if it can, or need not.
func (q *request) unpaid(l *scenarios.Library) (*scenarios.Machine, error) {
	set, op := openapi.WalletOf(q.provider.Provider), q.call.Operation
	price := set.PriceOf(op.ID)
	if q.wallet == nil || !op.Starts() || price == 0 || price <= q.wallet.Balance {
		return nil, nil
	}
	return l.Machine(set.Low)
}

// pay takes the price of the request that started a run from the account's wallet, once the run comes to an outcome that is billed:
// with the response, or after it was pending. was is the outcome before, nil if there was none. A balance may fall below 0 in the end.
func (s *step) pay(ctx context.Context, r *run.Run, was any) error {
	set := openapi.WalletOf(s.provider.Provider)
	now, _ := r.State.Set[outcome.Key].(string)
	if set == nil || !slices.Contains(set.Billed, now) || was != nil && !s.isPending(was) {
		return nil
	}
	price := set.PriceOf(r.Operation)
	if price == 0 {
		return nil
	}
	var err error
	w := s.wallet // the one that was found to suffice: a payment meanwhile is a conflict
	if w == nil {
		w, err = wallet.Open(ctx, s.engine.Accounts, s.Tx, s.account, s.provider.Provider)
	}
	if w != nil {
		w.Pay(price, r.Reference, r.Operation)
	}
	return err
}

func (s *step) isPending(name any) bool {
	text, _ := name.(string)
	o := s.provider.Outcomes().Find(text)
	return o != nil && o.Verdict == outcome.Pending
}
