package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// cli is the command line: flags, their help, and their IDMOCK_ environment variables.
type cli struct {
	Serve      serveCmd      `cmd:"" help:"Serve the providers, the control API and the page."`
	Play       playCmd       `cmd:"" help:"Play scenarios against a webhook receiver and check its responses."`
	Check      checkCmd      `cmd:"" help:"Test a webhook receiver or a provider's server."`
	Trigger    triggerCmd    `cmd:"" help:"Send one event and print the request and response."`
	Wallet     walletCmd     `cmd:"" help:"Fill the wallet that a provider's checks are paid from, and show balances."`
	Env        envCmd        `cmd:"" help:"Print the environment variables that point an application at a server."`
	Lint       lintCmd       `cmd:"" help:"Check scenario files and provider directories for errors."`
	Provider   providerCmd   `cmd:"" help:"Write provider directories."`
	Scenarios  scenariosCmd  `cmd:"" help:"List the built-in scenarios and those of your providers."`
	CA         caCmd         `cmd:"" name:"ca" help:"Show how to trust the certificates of serve --hosts."`
	Schema     schemaCmd     `cmd:"" help:"Print the JSON Schema of scenario files or of provider.yaml, for editors."`
	Health     healthCmd     `cmd:"" help:"Check that a server is healthy."`
	Doctor     doctorCmd     `cmd:"" help:"Look for the causes of problems on this machine and of a running server."`
	HelpTopic  helpCmd       `cmd:"" name:"help" help:"Print a guide, a page of the reference, or the help of a command."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Man        manCmd        `cmd:"" help:"Print the manual page."`
	Version    versionCmd    `cmd:"" help:"Print version, commit and date."`

	ShowVersion versionFlag `name:"version" env:"-" help:"Print version, commit and date."`
}

// run runs a command line and returns the exit code, which is exitInternal if the output could not be written.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	out := &checked{Writer: stdout}
	code := runChecked(ctx, args, out, stderr)
	if code == exitPassed && out.err != nil {
		fmt.Fprintf(stderr, "idmock: output: %v\n", out.err)
		return exitInternal
	}
	return code
}

func runChecked(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	helpCode := -1
	parser, err := newParser(&c, streams{stdout, stderr}, func(code int) { helpCode = code })
	if err != nil {
		fmt.Fprintf(stderr, "idmock: %v\n", err)
		return exitInternal
	}
	if complete(parser) {
		return exitPassed
	}
	if err := checkEnvironment(parser); err != nil {
		fmt.Fprintf(stderr, "idmock: %v\n", err)
		return exitUntested
	}
	command, err := parser.Parse(args)
	if helpCode >= 0 { // kong printed the help
		return helpCode
	}
	if err != nil {
		fmt.Fprintf(stderr, "idmock: %v\nTry %s --help.\n", err, commandOf(err))
		return exitUntested
	}
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(streams{stdout, stderr}, parser)
	if err == nil {
		return exitPassed
	}
	if err.Error() != "" {
		fmt.Fprintf(stderr, "idmock: %v\n", err)
	}
	if coded, ok := errors.AsType[exitError](err); ok {
		return coded.code
	}
	return exitInternal
}

// commandOf returns the command that a usage error is about.
func commandOf(err error) string {
	if usage, ok := errors.AsType[*kong.ParseError](err); ok && usage.Context != nil {
		if command := usage.Context.Command(); command != "" {
			name, _, _ := strings.Cut(command, " ")
			return "idmock " + name
		}
	}
	return "idmock"
}

func newParser(c *cli, s streams, exit func(int)) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("idmock"),
		kong.Description("A fake of identity-verification providers: it serves their APIs, plays scenarios, sends webhooks and shows it all on a page.\n\nExit codes: 0 passed, 1 failed, 2 could not be tested, 3 internal error."),
		kong.DefaultEnvars("IDMOCK"),
		kong.Vars{"schemes": genericProfiles()},
		kong.Writers(s.out, s.err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}
