// Command idmock is a fake of identity-verification providers. Run `idmock --help` for its commands.
//
// The package turns flags into configuration, one file per command. Everything else is in libraries.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		second := <-signals // exits without draining; process 1 of a container would ignore the default action
		os.Exit(128 + int(second.(syscall.Signal)))
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
