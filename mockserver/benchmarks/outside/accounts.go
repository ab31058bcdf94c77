//go:build unix

package main

import (
	"fmt"
	"time"
)

// manyAccounts compares calls of many accounts with calls of one, and resets them all.
func (b *bench) manyAccounts() error {
	many, err := b.serve()
	if err != nil {
		return err
	}
	one, err := b.serve()
	if err != nil {
		return err
	}
	spread := fmt.Sprintf("ACCOUNTS=%d", b.accounts)
	if err := many.drive(2*b.accounts, spread); err != nil {
		return err
	}
	times, err := b.alternate(many, one, spread)
	if err != nil {
		return err
	}
	resident, err := many.resident()
	if err != nil {
		return err
	}
	held := thousands(b.accounts) + " accounts"
	b.report("a call of one of "+held+", times one of a single account", "at most 1.2", times...)
	b.report("MB resident with "+held, "", resident)
	var resets []float64
	for range 3 {
		began := time.Now()
		if _, err := many.Control("POST", "/reset", ""); err != nil {
			return err
		}
		resets = append(resets, time.Since(began).Seconds())
		if err := many.drive(b.accounts, spread); err != nil {
			return err
		}
	}
	b.report("seconds to reset "+held, "at most 1", resets...)
	return nil
}
