// Package infer writes a provider's directory from a published OpenAPI document: credential, base paths, errors, how
// requests find the runs of others, events, outcomes and a default scenario.
//
// The result is a directory as a team would write it by hand, which the server treats like any other. Facts that a document
// lacks are commented placeholders. Reading documents belongs to package spec,
// generating values to package sample.
package infer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/spec"
)

// Options configure the inference.
type Options struct {
	// Stateless leaves out the connections between requests.
	Stateless bool
	// Only are tags, or globs of operation ids, of the operations that are connected and play in the scenario; none: all.
	Only []string
}

// provider is the knowledge about a provider.
type provider struct {
	name string
	doc  *spec.Document
	opts Options

	title       string
	hosts       []string
	bases       []string
	credentials map[string]*credential // by operation id
	main        *credential
	token       *token
	resources   []*resource
	outcomes    []outcome
	variable    string
	values      []string // of the variable
	subject     *resource
	events      []event
}

// Directory returns the files of a provider's directory, without the document itself.
func Directory(name string, d *spec.Document, o Options) map[string][]byte {
	p := &provider{name: name, doc: d, opts: o}
	p.title = cmp.Or(p.text("info", "title"), name)
	p.servers()
	p.security()
	if !o.Stateless {
		p.findResources()
	}
	p.findEvents()
	p.findOutcomes()
	files := map[string][]byte{
		"provider.yaml":          []byte(p.settings()),
		"scenarios/default.yaml": []byte(p.scenario()),
		"README.md":              []byte(p.readme()),
	}
	if p.token != nil {
		files["more.yaml"] = []byte(p.token.document())
	}
	return files
}

// Title returns the document's title.
func Title(d *spec.Document) string {
	p := &provider{doc: d}
	return p.text("info", "title")
}

// Name returns the name of a provider from a title or a file's name; empty if it has no letter.
func Name(title string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, title)
	words := slices.DeleteFunc(strings.Split(name, "-"), func(word string) bool {
		return word == "" || slices.Contains([]string{"api", "apis", "openapi", "swagger", "the", "rest", "spec", "v1", "v2", "v3"}, word)
	})
	for len(strings.Join(words, "-")) > 40 {
		words = words[:len(words)-1]
	}
	return strings.Join(words, "-")
}

func (p *provider) text(path ...string) string { return textOf(p.doc.Lookup(path...)) }

func textOf(n *template.Node) string {
	v, ok := n.Fixed()
	if !ok || v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// wanted reports whether an operation is among those that were asked for.
func (p *provider) wanted(op *spec.Operation) bool {
	if len(p.opts.Only) == 0 {
		return true
	}
	for _, only := range p.opts.Only {
		if glob.Match(only, op.ID) || glob.Match(only, op.Path) {
			return true
		}
		for _, tag := range op.Node().Lookup("tags").Items() {
			if strings.EqualFold(textOf(tag), only) {
				return true
			}
		}
	}
	return false
}
