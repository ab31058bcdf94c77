package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// journalPage describes the kinds of journal entries from the doc comments of their types.
func journalPage(t *testing.T) string {
	types, kinds := journalTypes(t)
	var b strings.Builder
	b.WriteString("# Journal entries\n\n" + generated + "`GET /_idmock/v1/journal` and the websocket `/_idmock/v1/events?after=SEQ` return entries as JSON: `seq`, `at` (account time), `wall`, `account`,\n" +
		"`kind`, and `data` with the members below. Times are RFC 3339; members that end in `_ms` are milliseconds. A star marks members that may be absent.\n")
	for _, k := range kinds {
		name := k.typeName
		fmt.Fprintf(&b, "\n## `%s`\n\n%s\n\n| member | |\n|---|---|\n", k.kind, sentence(types[name].doc, name))
		for _, f := range types[name].fields {
			row(&b, f.name, f.doc)
		}
	}
	return b.String()
}

// sentence turns the doc comment of a type into one about its entries.
func sentence(doc, name string) string {
	doc = strings.TrimPrefix(strings.TrimPrefix(strings.Join(strings.Fields(doc), " "), name+" "), "is ")
	return strings.ToUpper(doc[:1]) + doc[1:]
}

type journalKind struct{ kind, typeName string }

type journalType struct {
	doc    string
	fields []struct{ name, doc string }
}

// journalTypes parses package journal: its structs, and its kinds in order.
func journalTypes(t *testing.T) (map[string]journalType, []journalKind) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "mockserver", "journal", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	types, kinds := map[string]journalType{}, []journalKind(nil)
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			declaration, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range declaration.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if s, ok := spec.Type.(*ast.StructType); ok {
						types[spec.Name.Name] = journalType{declaration.Doc.Text(), fieldsOf(s)}
					}
				case *ast.ValueSpec:
					if name := spec.Names[0].Name; strings.HasPrefix(name, "Kind") && spec.Comment != nil {
						kinds = append(kinds, journalKind{literal(spec.Values[0]), strings.TrimSpace(spec.Comment.Text())})
					}
				}
			}
		}
	}
	if len(kinds) < 15 {
		t.Fatalf("%d kinds of entries", len(kinds))
	}
	return types, kinds
}

// literal returns a string constant. The one that another package defines is named after it.
func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok {
		return strings.Trim(l.Value, `"`)
	}
	return strings.ToLower(strings.TrimPrefix(e.(*ast.SelectorExpr).Sel.Name, "Kind"))
}

func fieldsOf(s *ast.StructType) []struct{ name, doc string } {
	var all []struct{ name, doc string }
	for _, f := range s.Fields.List {
		if f.Tag == nil {
			continue
		}
		name, options, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
		text := code(name)
		if strings.Contains(options, "omit") {
			text += " *"
		}
		doc := f.Comment.Text() + f.Doc.Text()
		all = append(all, struct{ name, doc string }{text, strings.TrimSpace(doc)})
	}
	return all
}
