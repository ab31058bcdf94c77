// Command idmock is a stand-in for identity-verification providers. `idmock serve` runs it; `idmock --help` tells the rest.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		// A second one kills, whatever is still being drained. Process 1 of a container would survive the default action.
		again := <-signals
		os.Exit(128 + int(again.(syscall.Signal)))
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
