package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/template"
)

// Mistakes are the errors of a provider's directory, by file and line. It is an error if it is not empty.
type Mistakes struct {
	Provider string
	All      diag.List // files are named as in the directory
}

func (m *Mistakes) Error() string { return m.All.In(m.Provider).Error() }

// placed is an error with its place: a file and the keys that lead there.
type placed struct {
	file string
	path []string
	err  error
}

func (p *placed) Error() string { return p.file + ": " + p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// place adds the place to an error. Nil stays nil.
func place(file string, path []string, err error) error {
	if err == nil {
		return nil
	}
	return &placed{file, path, err}
}

// mistakes returns errors of the directory as [Mistakes], each with its line. Nil errors are dropped.
func (p *Provider) mistakes(found ...error) error {
	made := &Mistakes{Provider: p.Name}
	trees, unread := map[string]ast.Node{}, map[string]error{}
	all := leaves("", nil, errors.Join(found...))
	for _, one := range all {
		// Further lines show the place, or repeat the schema.
		first, _, _ := strings.Cut(strings.TrimSpace(one.err.Error()), "\n")
		m := diag.Diagnostic{File: one.file, Message: first}
		src, err := p.read(one.file)
		if err != nil || len(src) == 0 {
			made.All = append(made.All, m)
			continue
		}
		if _, ok := trees[one.file]; !ok {
			trees[one.file] = nil
			file, err := parser.ParseBytes(src, 0)
			if unread[one.file] = err; err == nil && len(file.Docs) > 0 {
				trees[one.file] = file.Docs[0].Body
			}
		}
		if err := unread[one.file]; err != nil && len(all) == 1 { // it cannot be read, and this parser knows the column
			one.err, m.Message = err, err.Error()
		}
		line, column, message := locate(string(src), trees[one.file], one, m.Message)
		m = diag.At(one.file, string(src), line, column, message)
		if !slices.Contains(made.All, m) {
			made.All = append(made.All, m)
		}
	}
	if len(made.All) == 0 {
		return nil
	}
	made.All.Sort()
	return made
}

// leaves splits joined errors. Several errors below one with a place have its place.
func leaves(file string, path []string, err error) []*placed {
	each := func(errs []error) (all []*placed) {
		for _, one := range errs {
			all = append(all, leaves(file, path, one)...)
		}
		return all
	}
	switch e := err.(type) {
	case nil:
		return nil
	case *placed:
		return leaves(e.file, e.path, e.err)
	case openapi3.MultiError:
		return each(e)
	case interface{ Unwrap() []error }:
		if err.Error() == errors.Join(e.Unwrap()...).Error() { // rather than words of its own around them
			return each(e.Unwrap())
		}
	}
	return []*placed{{file, path, err}}
}

var (
	lineOf = regexp.MustCompile(`^(?:line|\[)(?: )?(\d+)(?::(\d+))?\]?:? ?`)
	pathOf = regexp.MustCompile(`invalid path (\S+): invalid operation ([A-Z]+)`)
	partOf = regexp.MustCompile(`invalid components: (\w+?)s? "([^"]+)"`)
	codeOf = regexp.MustCompile(`expression ("(?:[^"\\]|\\.)*")`)
	refOf  = regexp.MustCompile(`#/[\w./~-]+`)
)

// locate finds the line and the column of a mistake, as precisely as known: from a parser's own word, from the keys that
// lead to it, or from what its message names.
func locate(src string, tree ast.Node, at *placed, message string) (line, column int, rest string) {
	var node *template.YAMLError
	var parse yaml.Error
	var syntax *json.SyntaxError
	switch {
	case message == "EOF":
		return 1, 1, "the file is empty"
	case errors.As(at.err, &syntax):
		before := src[:min(int(syntax.Offset), len(src))]
		return strings.Count(before, "\n") + 1, max(len(before)-strings.LastIndex(before, "\n")-1, 1), message
	case errors.As(at.err, &node):
		position := node.Node.GetToken().Position
		return position.Line, position.Column, strings.Replace(message, fmt.Sprintf("line %d: ", position.Line), "", 1)
	case errors.As(at.err, &parse) && parse.GetToken() != nil:
		position := parse.GetToken().Position
		return position.Line, position.Column, parse.GetMessage()
	}
	if found := lineOf.FindStringSubmatch(message); found != nil {
		line, _ = strconv.Atoi(found[1])
		column, _ = strconv.Atoi(found[2])
		return line, max(column, 1), strings.TrimPrefix(message, found[0])
	}
	path := at.path
	if path == nil {
		// A reference that leads nowhere is nowhere but where it is used, and an expression where it is written.
		if line, column, ok := find(src, refOf.FindString(message)); ok {
			return line, column, message
		}
		path = named(message)
	}
	if found := codeOf.FindStringSubmatch(message); found != nil {
		if code, err := strconv.Unquote(found[1]); err == nil {
			if line, column, ok := find(src, code); ok {
				return line, column, message
			}
		}
	}
	if found := walk(tree, path); found != nil {
		position := found.GetToken().Position
		line, column = position.Line, position.Column
	}
	return max(line, 1), max(column, 1), message
}

// find returns the first place of a text.
func find(src, text string) (line, column int, ok bool) {
	before, _, found := strings.Cut(src, text)
	if text == "" || !found {
		return 0, 0, false
	}
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndex(before, "\n"), true
}

// named parses the keys that lead to an error from the library's message.
func named(message string) []string {
	var path []string
	if found := pathOf.FindStringSubmatch(message); found != nil {
		path = []string{"paths", found[1], strings.ToLower(found[2])}
	} else if found := partOf.FindStringSubmatch(message); found != nil {
		path = []string{"components", found[1] + "s", found[2]}
	}
	return path
}

// walk follows keys as far as there are any, and returns the key at which it came to its end.
func walk(n ast.Node, path []string) ast.Node {
	var last ast.Node
	for _, key := range path {
		var next ast.Node
		switch at := n.(type) {
		case *ast.MappingNode:
			for _, v := range at.Values {
				if template.KeyText(v.Key) == key {
					last, next = v.Key, v.Value
				}
			}
		case *ast.SequenceNode:
			if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(at.Values) {
				last, next = at.Values[i], at.Values[i]
			}
		}
		if next == nil {
			break
		}
		n = next
	}
	return last
}
