package template

import (
	"fmt"
	"reflect"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"

	"github.com/idmock/idmock/internal/fake"
)

// functions are the methods of people and times that expressions may call, as functions: expr-lang calls methods by
// reflection, which costs more than the methods themselves.
func functions() []expr.Option {
	return []expr.Option{
		expr.Function("person.digits", func(p ...any) (any, error) { return generated(p, p[0].(*fake.Person).Digits) }, (*fake.Person).Digits),
		expr.Function("person.hex", func(p ...any) (any, error) { return generated(p, p[0].(*fake.Person).Hex) }, (*fake.Person).Hex),
		expr.Function("person.matching", func(p ...any) (any, error) { return p[0].(*fake.Person).Matching(p[1].(string), p[2].(string)), nil }, (*fake.Person).Matching),
		expr.Function("person.uuid", func(p ...any) (any, error) { return p[0].(*fake.Person).UUID(p[1].(string)), nil }, (*fake.Person).UUID),
		expr.Function("person.int", func(p ...any) (any, error) {
			return p[0].(*fake.Person).Int(p[1].(string), p[2].(int), p[3].(int)), nil
		}, (*fake.Person).Int),
		expr.Function("person.date", func(p ...any) (any, error) {
			return p[0].(*fake.Person).Date(p[1].(string), p[2].(int), p[3].(int)), nil
		}, (*fake.Person).Date),
		expr.Function("person.person", func(p ...any) (any, error) { return p[0].(*fake.Person).Person(p[1].(string)), nil }, (*fake.Person).Person),
		expr.Function("time.Format", func(p ...any) (any, error) { return p[0].(time.Time).Format(p[1].(string)), nil }, time.Time.Format),
	}
}

// generated calls a method that generates a text of a given length.
func generated(p []any, method func(string, int) string) (any, error) {
	if n := p[2].(int); n < 0 || n > maxDigits {
		return nil, fmt.Errorf("invalid length %d: use 0 to %d", n, maxDigits)
	}
	return method(p[1].(string), p[2].(int)), nil
}

// methods replaces calls of methods by calls of [functions], and allows lower-case names for the methods of people, like
// all other names in expressions. Other calls remain, by reflection.
type methods struct{}

func (methods) Visit(node *ast.Node) {
	call, ok := (*node).(*ast.CallNode)
	if !ok {
		return
	}
	member, ok := call.Callee.(*ast.MemberNode)
	if !ok {
		return
	}
	property, ok := member.Property.(*ast.StringNode)
	if !ok {
		return
	}
	var name string
	switch member.Node.Type() {
	case reflect.TypeFor[*fake.Person]():
		switch property.Value {
		case "digits", "hex", "uuid", "int", "date", "person", "matching":
			name = "person." + property.Value
		case "float": // only reflection converts both integers and floats
			property.Value = "Float"
		case "pick":
			property.Value = "Pick"
		}
	case reflect.TypeFor[time.Time]():
		if property.Value == "Format" {
			name = "time.Format"
		}
	}
	if name == "" {
		return
	}
	ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: append([]ast.Node{member.Node}, call.Arguments...)})
	switch name { // for a call on the result of this one: types are inferred only after the visit
	case "person.person":
		(*node).SetType(reflect.TypeFor[*fake.Person]())
	case "person.date":
		(*node).SetType(reflect.TypeFor[time.Time]())
	}
}
