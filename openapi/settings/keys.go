package settings

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
)

// checkKeys returns an error for each key that its section does not have, with the one that was meant.
func checkKeys(src []byte) error {
	file, err := parser.ParseBytes(src, 0)
	if err != nil || len(file.Docs) == 0 {
		return nil // the decoder reports the syntax
	}
	return errors.Join(unknownKeys(file.Docs[0].Body, reflect.TypeFor[Settings](), "")...)
}

// ownReader is implemented by types that read their nodes themselves.
type ownReader interface{ UnmarshalYAML(ast.Node) error }

// unknownKeys walks a value of a type. section is the key of the mapping that it is in; empty for the file.
func unknownKeys(n ast.Node, t reflect.Type, section string) []error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[ownReader]()) {
		return nil
	}
	var all []error
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if list, ok := n.(*ast.SequenceNode); ok {
			for _, item := range list.Values {
				all = append(all, unknownKeys(item, t.Elem(), section)...)
			}
		}
	case reflect.Map:
		for _, v := range mappingOf(n) {
			all = append(all, unknownKeys(v.Value, t.Elem(), template.KeyText(v.Key))...)
		}
	case reflect.Struct:
		known := keys(t)
		for _, v := range mappingOf(n) {
			key := template.KeyText(v.Key)
			if field, ok := known[key]; ok {
				all = append(all, unknownKeys(v.Value, field, key)...)
				continue
			}
			all = append(all, &template.YAMLError{Node: v.Key, Err: unknownKey(key, section, known)})
		}
	}
	return all
}

func unknownKey(key, section string, known map[string]reflect.Type) error {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	if section != "" {
		section = " in " + section
	}
	return fmt.Errorf("unknown key %q%s%s", key, section, suggest.Meant(key, names))
}

// keys returns the keys of a section with the types of their values.
func keys(t reflect.Type) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case field.Anonymous || strings.Contains(options, "inline"):
			for key, inner := range keys(field.Type) {
				all[key] = inner
			}
		case name != "" && name != "-":
			all[name] = field.Type
		}
	}
	return all
}

func mappingOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}
