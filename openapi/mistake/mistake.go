// Package mistake locates what is wrong with a provider's directory: an error says which keys it is about, and gets a file, a
// line and a column.
package mistake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
	"github.com/idmock/idmock/openapi/spec"
)

// Errors are the errors of a provider's directory, by file and line.
type Errors struct {
	Provider string
	All      diag.List // files are named as in the directory; not empty
}

func (e *Errors) Error() string { return e.All.In(e.Provider).Error() }

// Placed is an error at a path of keys in a file.
type Placed struct {
	file string
	path []string
	err  error
}

func (p *Placed) Error() string { return p.file + ": " + p.err.Error() }

// Unwrap returns the error without its place.
func (p *Placed) Unwrap() error { return p.err }

// At adds a place to an error: a file of the directory and a path of keys in it. Nil stays nil.
func At(file string, path []string, err error) error {
	if err == nil {
		return nil
	}
	return &Placed{file, path, err}
}

// Locate returns errors of a directory as [Errors], each with its line. It drops nil errors, and returns nil if none is left.
func Locate(provider string, fsys fs.FS, found ...error) error {
	result := &Errors{Provider: provider}
	trees, unread := map[string]ast.Node{}, map[string]error{}
	all := leaves("", nil, errors.Join(found...))
	for _, leaf := range all {
		// Further lines show the source, or repeat the schema.
		first, _, _ := strings.Cut(strings.TrimSpace(leaf.err.Error()), "\n")
		first = inWords(first)
		m := diag.Diagnostic{File: leaf.file, Message: first}
		src, err := ReadFile(fsys, leaf.file)
		if err != nil || len(src) == 0 {
			result.All = append(result.All, m)
			continue
		}
		if _, ok := trees[leaf.file]; !ok {
			trees[leaf.file], unread[leaf.file] = parse(src)
			if err := unread[leaf.file]; trees[leaf.file] != nil && err != nil {
				line, column, message := locate(string(src), nil, &Placed{leaf.file, nil, err}, err.Error())
				result.All = append(result.All, diag.At(leaf.file, string(src), line, column, message))
			}
		}
		if err := unread[leaf.file]; err != nil && trees[leaf.file] == nil && len(all) == 1 { // this parser reports the column
			leaf.err, m.Message = err, err.Error()
		}
		line, column, message := locate(string(src), trees[leaf.file], leaf, m.Message)
		m = diag.At(leaf.file, string(src), line, column, message)
		if !slices.Contains(result.All, m) {
			result.All = append(result.All, m)
		}
	}
	if len(result.All) == 0 {
		return nil
	}
	result.All.Sort()
	return result
}

// parse returns the tree of a file. One with a duplicate key has a tree and an error, so that what else is wrong is located.
func parse(src []byte) (ast.Node, error) {
	file, err := parser.ParseBytes(src, 0)
	var syntax yaml.Error
	if errors.As(err, &syntax) && duplicateKey.MatchString(syntax.GetMessage()) {
		file, _ = parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	}
	if file == nil || len(file.Docs) == 0 {
		return nil, err
	}
	return file.Docs[0].Body, err
}

var (
	codePlace   = regexp.MustCompile(` \(\d+:\d+\)`) // within an expression
	unknownName = regexp.MustCompile(`unknown name (\w+)`)
)

// duplicateKey matches the parser's message for a key that a mapping has twice.
var duplicateKey = regexp.MustCompile(`^mapping key ("(?:[^"\\]|\\.)*") already defined at \[(\d+):\d+\]$`)

// inWords removes the place within an expression from a message, which has its own, and suggests a name.
func inWords(message string) string {
	message = codePlace.ReplaceAllString(message, "")
	if found := unknownName.FindStringSubmatch(message); found != nil {
		message += suggest.Meant(found[1], template.Names())
	}
	return message
}

// leaves splits joined errors. Errors joined below a placed error have its place.
func leaves(file string, path []string, err error) []*Placed {
	switch e := err.(type) {
	case nil:
		return nil
	case *Placed:
		return leaves(e.file, e.path, e.err)
	case *spec.Error:
		if len(e.Path) > 2 && e.Path[0] == bundle.Files {
			return leaves(e.Path[1], e.Path[2:], e.Err)
		}
		return leaves("openapi.yaml", e.Path, e.Err)
	case interface{ Unwrap() []error }:
		if err.Error() == errors.Join(e.Unwrap()...).Error() { // not wrapped by a message
			var all []*Placed
			for _, err := range e.Unwrap() {
				all = append(all, leaves(file, path, err)...)
			}
			return all
		}
	}
	return []*Placed{{file, path, err}}
}

var (
	lineOf = regexp.MustCompile(`^(?:line|\[)(?: )?(\d+)(?::(\d+))?\]?:? ?`)
	codeOf = regexp.MustCompile(`expression ("(?:[^"\\]|\\.)*")`)
	refOf  = regexp.MustCompile(`#/[\w./~-]+`)
)

// locate returns line and column of an error, as exact as possible: from the parser, from the keys of its place, or from a
// name in its message.
func locate(src string, tree ast.Node, at *Placed, message string) (line, column int, rest string) {
	var node *template.YAMLError
	var broken yaml.Error
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
	case errors.As(at.err, &broken) && broken.GetToken() != nil:
		position := broken.GetToken().Position
		return position.Line, position.Column, duplicateKey.ReplaceAllString(broken.GetMessage(), "duplicate key $1 (first at line $2)")
	}
	if found := lineOf.FindStringSubmatch(message); found != nil {
		line, _ = strconv.Atoi(found[1])
		column, _ = strconv.Atoi(found[2])
		return line, max(column, 1), strings.TrimPrefix(message, found[0])
	}
	path := at.path
	if path == nil {
		// A missing reference is located at its use, an expression at its text.
		if line, column, ok := find(src, refOf.FindString(message)); ok {
			return line, column, message
		}
		path = pathIn(message)
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
	line, column = max(line, 1), max(column, 1)
	if found := objectOf.FindStringSubmatch(message); found != nil && path != nil {
		if near, at, ok := findFrom(src, line, column, found[1]+found[2]); ok {
			return near, at, message
		}
	}
	return line, column, message
}

// objectOf matches the first name in a message: the object of the error.
var objectOf = regexp.MustCompile(`"([^"]+)"|unknown (?:operation|credential) ([^\s,]+)`)

// findFrom returns the place of a text on the line of a key, behind it, or on the few lines below.
func findFrom(src string, line, column int, text string) (near, at int, ok bool) {
	lines := strings.Split(src, "\n")
	for i := line; i < line+8 && i <= len(lines); i++ {
		from := 0
		if i == line {
			from = min(column-1, len(lines[i-1]))
		}
		if before, _, found := strings.Cut(lines[i-1][from:], text); found {
			return i, from + len(before) + 1, true
		}
	}
	return 0, 0, false
}

// find returns the first position of a text.
func find(src, text string) (line, column int, ok bool) {
	before, _, found := strings.Cut(src, text)
	if text == "" || !found {
		return 0, 0, false
	}
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndex(before, "\n"), true
}

// walk follows keys as far as the tree has them, and returns the last key found.
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

// ReadFile reads a file of a directory. The error does not repeat the file's name.
func ReadFile(fsys fs.FS, file string) ([]byte, error) {
	src, err := fs.ReadFile(fsys, file)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return nil, failed.Err
	}
	return src, err
}

var (
	pathOf = regexp.MustCompile(`invalid path (\S+): invalid operation ([A-Z]+)`)
	partOf = regexp.MustCompile(`invalid components: (\w+?)s? "([^"]+)"`)
)

// pathIn reads the keys to an error from a message of the validator, nil if it has none.
func pathIn(message string) []string {
	if found := pathOf.FindStringSubmatch(message); found != nil {
		return []string{"paths", found[1], strings.ToLower(found[2])}
	}
	if found := partOf.FindStringSubmatch(message); found != nil {
		return []string{"components", found[1] + "s", found[2]}
	}
	return nil
}
