package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	mangokong "github.com/alecthomas/mango-kong"
	"github.com/muesli/roff"
	"github.com/willabides/kongplete"

	"github.com/idmock/idmock/docs"
	"github.com/idmock/idmock/internal/suggest"
)

type helpCmd struct {
	Topic []string `arg:"" optional:"" help:"Page of the guides or the reference, or a command; empty lists them."`
}

// Run prints a guide, a page of the reference or the help of a command.
func (c *helpCmd) Run(s streams, app *kong.Kong) error {
	topics, err := helpTopics()
	if err != nil {
		return err
	}
	if len(c.Topic) == 0 {
		fmt.Fprintln(s.out, "Guides and reference, as at /_idmock/help/ of a running server:")
		for _, name := range topics {
			fmt.Fprintf(s.out, "  idmock help %s\n", name)
		}
		fmt.Fprintln(s.out, "\nidmock --help lists the commands.")
		return nil
	}
	if src, err := fs.ReadFile(docs.Pages, c.Topic[0]+".md"); err == nil && len(c.Topic) == 1 {
		_, err = s.out.Write(src)
		return err
	}
	if src, err := fs.ReadFile(docs.Pages, path.Join("reference", c.Topic[0]+".md")); err == nil && len(c.Topic) == 1 {
		_, err = s.out.Write(src)
		return err
	}
	commands := commandNames(app.Model.Node)
	name := strings.Join(c.Topic, " ")
	if !slices.Contains(commands, name) {
		message := "no help on " + name
		if closest := suggest.Closest(name, slices.Concat(topics, commands)); closest != "" {
			message += ": did you mean " + closest + "?"
		}
		return untested("%s\nidmock help lists the topics.", message)
	}
	context, err := kong.Trace(app, strings.Fields(name))
	if err != nil {
		return err
	}
	return context.PrintUsage(false)
}

// helpTopics returns the names of the pages, those of the reference with their directory.
func helpTopics() ([]string, error) {
	var all []string
	err := fs.WalkDir(docs.Pages, ".", func(file string, d fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(file, ".md"); ok && name != "README" {
			all = append(all, name)
		}
		return err
	})
	return all, err
}

func commandNames(n *kong.Node) []string {
	var all []string
	for _, child := range n.Children {
		if !child.Hidden {
			all = append(all, strings.TrimPrefix(child.FullPath(), "idmock "))
			all = append(all, commandNames(child)...)
		}
	}
	return all
}

type manCmd struct{}

// Run prints the manual page.
func (manCmd) Run(s streams, app *kong.Kong) error {
	fmt.Fprint(s.out, mangokong.NewManPage(1, app.Model).Build(roff.NewDocument()))
	return nil
}

// completions are the scripts by shell. Each asks the program itself, with the command line in COMP_LINE, so that they
// need no update.
var completions = map[string]string{
	"bash": `complete -o default -C idmock idmock
`,
	"zsh": `autoload -U +X bashcompinit && bashcompinit
complete -o default -C idmock idmock
`,
	"fish": `complete -c idmock -a '(COMP_LINE=(commandline -cp) command idmock)'
`,
	"powershell": `Register-ArgumentCompleter -Native -CommandName idmock -ScriptBlock {
  param($word, $ast, $position)
  $env:COMP_LINE = $ast.ToString().PadRight($position).Substring(0, $position)
  try { idmock | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) } }
  finally { Remove-Item Env:COMP_LINE }
}
`,
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"bash, zsh, fish or powershell."`
}

// Help is the text below the usage.
func (completionCmd) Help() string {
	return `bash: eval "$(idmock completion bash)" in ~/.bashrc. zsh: the same in ~/.zshrc. fish: idmock completion fish > ~/.config/fish/completions/idmock.fish. ` +
		`PowerShell: idmock completion powershell | Out-String | Invoke-Expression in $PROFILE.`
}

// Run prints the script that completes commands and flags in a shell.
func (c *completionCmd) Run(s streams) error {
	fmt.Fprint(s.out, completions[c.Shell])
	return nil
}

// complete prints the completions of the line that a shell has in COMP_LINE, and reports whether one asked.
func complete(app *kong.Kong) bool {
	if os.Getenv("COMP_LINE") == "" {
		return false
	}
	asked := false
	kongplete.Complete(app, kongplete.WithExitFunc(func(int) { asked = true }))
	return asked
}
