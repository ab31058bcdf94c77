package template

import (
	"reflect"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"

	"github.com/idmock/idmock/internal/fake"
)

// functions are the methods that expressions may call on people and times, as functions: expr-lang calls a method by
// reflection, which costs more than the method.
func functions() []expr.Option {
	return []expr.Option{
		expr.Function("person.digits", func(p ...any) (any, error) { return p[0].(*fake.Person).Digits(p[1].(string), p[2].(int)), nil }, (*fake.Person).Digits),
		expr.Function("person.hex", func(p ...any) (any, error) { return p[0].(*fake.Person).Hex(p[1].(string), p[2].(int)), nil }, (*fake.Person).Hex),
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

// methods turns calls of methods into calls of [functions], and lets those of people be written in lower case, as every
// other name in an expression is. What is left are calls by reflection.
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
		case "digits", "hex", "uuid", "int", "date", "person":
			name = "person." + property.Value
		case "float": // its numbers may be whole or not, which only reflection converts
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
	switch name { // for the call that is made of this one's result: types are worked out again only after the visit
	case "person.person":
		(*node).SetType(reflect.TypeFor[*fake.Person]())
	case "person.date":
		(*node).SetType(reflect.TypeFor[time.Time]())
	}
}
