package template

import (
	"reflect"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/idmock/idmock/internal/fake"
)

// shortcut evaluates an expression that only looks up a string. Most expressions do, and the virtual machine takes ten
// times as long. ok is false if the value is missing or not a string: then the virtual machine evaluates the expression.
type shortcut func(s *Scope) (text string, ok bool)

// shorten returns the shortcut for subject, fake.NAME, run.NAME, account.NAME, and upper and lower of these; otherwise nil.
func shorten(node ast.Node) shortcut {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		if n.Value == "subject" {
			return func(s *Scope) (string, bool) { return s.Subject, true }
		}
	case *ast.MemberNode:
		of, isName := n.Node.(*ast.IdentifierNode)
		property, isText := n.Property.(*ast.StringNode)
		if isName && isText && !n.Method {
			return member(of.Value, property.Value)
		}
	case *ast.BuiltinNode:
		change := map[string]func(string) string{"upper": strings.ToUpper, "lower": strings.ToLower}[n.Name]
		if change == nil || len(n.Arguments) != 1 {
			return nil
		}
		inner := shorten(n.Arguments[0])
		if inner == nil {
			return nil
		}
		return func(s *Scope) (string, bool) {
			text, ok := inner(s)
			return change(text), ok
		}
	}
	return nil
}

func member(of, name string) shortcut {
	switch of {
	case "run":
		return func(s *Scope) (string, bool) { text, ok := s.Run[name].(string); return text, ok }
	case "account":
		return func(s *Scope) (string, bool) { text, ok := s.Account[name].(string); return text, ok }
	case "fake":
		for field := range reflect.TypeFor[fake.Person]().Fields() {
			if field.Tag.Get("expr") == name && field.Type.Kind() == reflect.String {
				return func(s *Scope) (string, bool) {
					if s.Fake == nil {
						return "", false
					}
					return reflect.ValueOf(s.Fake).Elem().FieldByIndex(field.Index).String(), true
				}
			}
		}
	}
	return nil
}
