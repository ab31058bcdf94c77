package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/webhook/fault"
)

// roughFlag is --rough, for all nuisances, or --rough=duplicates,random-5xx for some.
type roughFlag struct {
	on   bool
	some []string
}

// IsBool says that the flag can stand without a value.
func (roughFlag) IsBool() bool { return true }

// Decode reads the flag's value, if it has one. In the environment, true and all mean all, and false and nothing mean none.
func (f *roughFlag) Decode(ctx *kong.DecodeContext) error {
	*f = roughFlag{on: true}
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	text := fmt.Sprint(ctx.Scan.Pop().Value)
	switch text {
	case "true", "all", "1":
	case "false", "", "0":
		f.on = false
	default:
		f.some = strings.Split(text, ",")
	}
	return fault.CheckNuisances(f.some)
}

// config is nil where nothing is to go wrong.
func (f roughFlag) config(rate float64) (*mockserver.Rough, error) {
	if !f.on {
		return nil, nil
	}
	if !(rate > 0 && rate <= 1) {
		return nil, fmt.Errorf("--rough-rate %v: want a number above 0 and up to 1", rate)
	}
	return &mockserver.Rough{Nuisances: f.some, Rate: rate}, nil
}
