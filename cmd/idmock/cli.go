package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/alecthomas/kong"
)

// What the program ends with.
const (
	exitRight    = 0 // what was asked for is so
	exitWrong    = 1 // the thing tested is wrong
	exitUntested = 2 // it could not be tested: usage, unreachable, nothing selected
	exitFault    = 3 // a fault of ours
)

// cli is the whole command line: flags, their help and their IDMOCK_ environment.
type cli struct {
	Serve     serveCmd     `cmd:"" help:"Serve the providers, the control API and the page."`
	Play      playCmd      `cmd:"" help:"Play a scenario against a webhook receiver and judge how it takes it."`
	Check     checkCmd     `cmd:"" help:"Judge a program by what is required of it."`
	Trigger   triggerCmd   `cmd:"" help:"Send one event now, and tell what was sent and what came back."`
	Env       envCmd       `cmd:"" help:"Print the environment variables that point an application at a running server."`
	Lint      lintCmd      `cmd:"" help:"Find the mistakes in scenario files, and in the folder of a provider."`
	Scenarios scenariosCmd `cmd:"" help:"List the scenarios that ship, and those of your own providers."`
	CA        caCmd        `cmd:"" name:"ca" help:"Tell how to trust the certificates with which serve --hosts answers, and how to stop."`
	Schema    schemaCmd    `cmd:"" help:"Print the JSON Schema of scenario files, for editors."`
	Health    healthCmd    `cmd:"" help:"Ask a running server whether it is healthy."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

// verdict is an error that decides the exit code by itself. An empty message has been printed already.
type verdict struct {
	code    int
	message string
}

func (v verdict) Error() string { return v.message }

// env is what a command may use of the world.
type env struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

func (e env) logger(format, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(e.stderr, options))
	}
	return slog.New(slog.NewTextHandler(e.stderr, options))
}

// run is the program: everything but the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	var c cli
	ended := -1
	parser, err := newParser(&c, stdout, stderr, func(status int) { ended = status })
	if err != nil {
		fmt.Fprintf(stderr, "idmock: %v\n", err)
		return exitFault
	}
	command, err := parser.Parse(args)
	if ended >= 0 { // kong printed the help that was asked for
		return ended
	}
	if err != nil {
		fmt.Fprintf(stderr, "idmock: %v\nTry %s --help.\n", err, meant(err))
		return exitUntested
	}
	err = command.Run(env{ctx, stdout, stderr})
	var v verdict
	switch {
	case err == nil:
		return exitRight
	case errors.As(err, &v):
		code = v.code
	default:
		code = exitFault
	}
	if err.Error() != "" {
		fmt.Fprintf(stderr, "idmock: %v\n", err)
	}
	return code
}

// meant is the command that a mistake was made with, as far as it can be told.
func meant(err error) string {
	var mistake *kong.ParseError
	if errors.As(err, &mistake) && mistake.Context != nil {
		if command := mistake.Context.Command(); command != "" {
			name, _, _ := strings.Cut(command, " ")
			return "idmock " + name
		}
	}
	return "idmock"
}

func newParser(c *cli, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("idmock"),
		kong.Description("A stand-in for identity-verification providers: it serves their APIs, plays scenarios, sends the webhooks and shows it all."),
		kong.DefaultEnvars("IDMOCK"),
		kong.Vars{"schemes": schemes()},
		kong.Writers(stdout, stderr),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}
