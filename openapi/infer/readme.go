package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/openapi/spec"
)

// readme is README.md: the files of the directory, and the fidelity of each operation.
func (p *provider) readme() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nWritten by `idmock provider new` from the published document. `provider.yaml` has what the document says, and comments for the rest.\n\n", oneLine(p.title))
	b.WriteString("| file | is |\n|---|---|\n| `openapi.yaml` | the document |\n| `provider.yaml` | credential, errors, runs, outcomes, webhooks |\n| `scenarios/default.yaml` | what happens unless another scenario is chosen |\n")
	if p.token != nil {
		b.WriteString("| `more.yaml` | the token endpoint, which the document names but does not describe |\n")
	}
	b.WriteString("\n## Fidelity\n\n*stateful*: requests to it and to others agree. *generated*: responds by its schema or example.\n\n| operation | request | fidelity |\n|---|---|---|\n")
	for _, op := range p.doc.Operations() {
		fmt.Fprintf(&b, "| `%s` | `%s %s` | %s |\n", op.ID, op.Method, strings.ReplaceAll(op.Path, "|", "\\|"), p.fidelity(op))
	}
	b.WriteString("\n## To refine\n\n")
	for _, hint := range []struct {
		missing bool
		text    string
	}{
		{true, "`webhook.signature` and `webhook.headers`: how the provider signs events"},
		{true, "`webhook.retry`, `timeout` and `accept`: when it sends an event again"},
		{len(p.outcomes) == 0, "`variables` and `outcomes`: what a run can come to"},
		{len(p.outcomes) > 0, "`outcomes`: they are guessed from the values of `" + p.variable + "`"},
		{len(p.events) == 0, "`events`: the document declares neither webhooks nor callbacks"},
		{true, "`scenarios/`: a file for each way in which a verification can go"},
	} {
		if hint.missing {
			fmt.Fprintf(&b, "- %s\n", hint.text)
		}
	}
	return b.String()
}

func (p *provider) fidelity(op *spec.Operation) string {
	for _, r := range p.resources {
		if slices.Contains(r.operations(), op) || r.list == op && r.create != nil && !strings.Contains(r.collection, "{") {
			return "stateful"
		}
	}
	return "generated"
}
