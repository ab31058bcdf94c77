package settings

import (
	"errors"
	"fmt"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/suggest"
)

// Wallet is what the requests of a provider cost. It concerns accounts whose wallet was filled by hand: each billed request is paid
// from it, and refused when the balance is less than the price. Other accounts pay nothing.
type Wallet struct {
	Currency string `yaml:"currency"` // such as NGN
	// Prices are by operation, in Currency. The first that matches counts; operations without one are free.
	Prices []Price `yaml:"prices"`
	// Billed are the outcomes that are paid for.
	Billed Texts `yaml:"billed"`
	// Free matches the keys that pay nothing.
	Free Pattern `yaml:"free"`
	// Low is the scenario of requests that the balance does not suffice for.
	Low string `yaml:"low"`
}

// Price is what a request to some operations costs.
type Price struct {
	On    Globs   `yaml:"on"`
	Price float64 `yaml:"price"`
}

// PriceOf returns the price of an operation, 0 if it is free. A nil Wallet has no prices.
func (w *Wallet) PriceOf(operation string) float64 {
	if w == nil {
		return 0
	}
	for _, p := range w.Prices {
		if p.On.Match(operation) {
			return p.Price
		}
	}
	return 0
}

// Operations returns the patterns of the operations with a price.
func (w *Wallet) Operations() (all []string) {
	if w != nil {
		for _, p := range w.Prices {
			all = append(all, p.On...)
		}
	}
	return all
}

// Check reports outcomes that do not exist, and a wallet that could run down without a response for it.
func (w *Wallet) Check(outcomes *outcome.Table, report Reporter) {
	if w == nil {
		return
	}
	for _, name := range w.Billed {
		if outcomes.Find(name) == nil {
			report(fmt.Errorf("wallet: unknown outcome %q%s", name, suggest.Meant(name, outcomes.Names())), "wallet", "billed")
		}
	}
	if w.Low == "" {
		report(errors.New("wallet: low is required: the scenario of requests that the balance does not suffice for"), "wallet")
	}
}
