package spec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// Faults checks the document against the OpenAPI specification, every example against its schema, and loads every
// operation. It takes far longer than [Read]. Each fault is an [*Error]; most cost nothing, and those of [Document.Skipped]
// an operation.
func (d *Document) Faults() []error {
	problems := unknownKeywords(d.root, nil, false)
	for _, s := range d.unread {
		problems = append(problems, at(fmt.Errorf("paths %s: %s", s.Path, s.Reason), s.Place...))
	}
	for _, op := range d.operations {
		if id := text(op.node.Lookup("operationId")); id != "" && op.derived {
			problems = append(problems, at(fmt.Errorf("paths %s: %s: duplicate operationId %s: it is served as %s", op.Path, strings.ToLower(op.Method), id, op.ID), "paths", op.Path))
		}
		_, err := op.Load()
		problems = append(problems, at(err, "paths", op.Path, strings.ToLower(op.Method)))
	}
	return slices.DeleteFunc(append(d.violations(), problems...), func(err error) bool { return err == nil })
}

// violations checks the document by kin-openapi's validator. It ends with a panic for some documents, which is a fault of
// the document as well.
func (d *Document) violations() (all []error) {
	defer func() {
		if p := recover(); p != nil {
			all = append(all, at(fmt.Errorf("not an OpenAPI document by the specification: %v", p)))
		}
	}()
	src, err := d.root.Append(nil, nil)
	if err != nil {
		return []error{at(err)}
	}
	loaded, err := openapi3.NewLoader().LoadFromData(src)
	if err != nil {
		return []error{at(err)}
	}
	return slices.DeleteFunc(unwrap(loaded.Validate(context.Background(), openapi3.EnableMultiError())), func(err error) bool {
		_, early := errors.AsType[*openapi3.WebhooksFieldFor31Plus](err) // webhooks are served all the same
		return early
	})
}

// unwrap splits the error of kin-openapi's validator.
func unwrap(err error) []error {
	if err == nil {
		return nil
	}
	list, ok := err.(openapi3.MultiError)
	if !ok {
		return []error{at(err)}
	}
	var all []error
	for _, err := range list {
		all = append(all, unwrap(err)...)
	}
	return all
}

// ignored are JSON Schema's keywords that kin-openapi's validator skips. A document with one would be half understood, so
// it is refused.
func ignored() []string {
	return []string{"const", "if", "then", "else", "prefixItems", "dependentRequired", "dependentSchemas", "contains",
		"unevaluatedProperties", "unevaluatedItems", "patternProperties", "propertyNames"}
}

// unknownKeywords reports ignored keywords of the schemas below a node; inside means that the node is part of a schema.
func unknownKeywords(n *template.Node, path []string, inside bool) []error {
	var problems []error
	place := strings.Join(append([]string{"#"}, path...), "/")
	for _, m := range n.Members() {
		if m.Key == "example" || m.Key == "examples" {
			continue // data, which may have any keys
		}
		names := strings.HasSuffix(place, "/properties") || place == "#/components/schemas" // keys are names here
		next := append(slices.Clone(path), m.Key)
		if inside && !names && slices.Contains(ignored(), m.Key) {
			problems = append(problems, at(fmt.Errorf("%s: the keyword %s is not supported: bodies would not be validated by it", place, m.Key), next...))
		}
		problems = append(problems, unknownKeywords(m.Value, next, inside || m.Key == "schema" || slices.Equal(next, []string{"components", "schemas"}))...)
	}
	for i, item := range n.Items() {
		problems = append(problems, unknownKeywords(item, append(slices.Clone(path), strconv.Itoa(i)), inside)...)
	}
	return problems
}
