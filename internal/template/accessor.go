package template

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/idmock/idmock/internal/fake"
)

// accessor evaluates a simple expression. Most expressions are simple, and the virtual machine takes ten times as long.
// ok is false for values that only the virtual machine handles, an error among them: then it evaluates the expression.
type accessor func(s *Scope) (value any, ok bool)

// access returns the accessor of an expression of members, texts, comparisons and a few functions; nil for any other.
func access(node ast.Node) accessor {
	switch n := node.(type) {
	case *ast.NilNode:
		return constant(nil)
	case *ast.StringNode:
		return constant(n.Value)
	case *ast.BoolNode:
		return constant(n.Value)
	case *ast.IntegerNode:
		if t := n.Type(); t != nil && t.Kind() == reflect.Int {
			return constant(n.Value)
		}
	case *ast.IdentifierNode:
		return variable(n.Value)
	case *ast.ChainNode:
		return access(n.Node)
	case *ast.MemberNode:
		return accessMember(n)
	case *ast.UnaryNode:
		if of := access(n.Node); of != nil && (n.Operator == "!" || n.Operator == "not") {
			return func(s *Scope) (any, bool) { b, ok := truth(of, s); return !b, ok }
		}
	case *ast.BinaryNode:
		if get := sameText(n); get != nil {
			return get
		}
		if left, right := access(n.Left), access(n.Right); left != nil && right != nil {
			return binary(n.Operator, left, right)
		}
	case *ast.ConditionalNode:
		if test, yes, no := access(n.Cond), access(n.Exp1), access(n.Exp2); test != nil && yes != nil && no != nil {
			return func(s *Scope) (any, bool) {
				switch b, ok := truth(test, s); {
				case !ok:
					return nil, false
				case b:
					return yes(s)
				}
				return no(s)
			}
		}
	case *ast.BuiltinNode:
		if len(n.Arguments) == 1 {
			return builtin(n.Name, access(n.Arguments[0]))
		}
	case *ast.CallNode:
		return accessCall(n)
	}
	return nil
}

func constant(v any) accessor { return func(*Scope) (any, bool) { return v, true } }

func variable(name string) accessor {
	switch name {
	case "body":
		return func(s *Scope) (any, bool) { return s.Body, true }
	case "resource":
		return func(s *Scope) (any, bool) { return s.Resource, true }
	case "now":
		return func(s *Scope) (any, bool) { return s.Now, true }
	}
	if get := textVariable(name); get != nil {
		return func(s *Scope) (any, bool) { return get(s), true }
	}
	return nil
}

// textVariable returns a variable that is always a text; nil for others.
func textVariable(name string) func(*Scope) string {
	switch name {
	case "subject":
		return func(s *Scope) string { return s.Subject }
	case "sandbox":
		return func(s *Scope) string { return s.Sandbox }
	case "base":
		return func(s *Scope) string { return s.Base }
	case "signature":
		return func(s *Scope) string { return s.Signature }
	}
	return nil
}

// sameText returns the accessor of a comparison of such a variable with a fixed text, without an allocation: scenarios
// are selected by the subject, so each request evaluates a dozen. It is nil for other expressions.
func sameText(n *ast.BinaryNode) accessor {
	name, isName := n.Left.(*ast.IdentifierNode)
	text, isText := n.Right.(*ast.StringNode)
	if !isName || !isText || n.Operator != "==" && n.Operator != "!=" {
		return nil
	}
	get, want, equal := textVariable(name.Value), text.Value, n.Operator == "=="
	if get == nil {
		return nil
	}
	return func(s *Scope) (any, bool) { return (get(s) == want) == equal, true }
}

// accessMember returns the accessor of a member with a fixed name.
func accessMember(n *ast.MemberNode) accessor {
	property, ok := n.Property.(*ast.StringNode)
	if !ok || n.Method {
		return nil
	}
	name := property.Value
	if of, ok := n.Node.(*ast.IdentifierNode); ok {
		if get := variableMember(of.Value, name); get != nil {
			return get
		}
	}
	of, optional := access(n.Node), n.Optional
	if of == nil {
		return nil
	}
	return func(s *Scope) (any, bool) {
		v, ok := of(s)
		if members, isObject := v.(map[string]any); ok && isObject {
			return members[name], true
		}
		return nil, ok && v == nil && optional
	}
}

// variableMember returns the accessor of a member of a typed variable.
func variableMember(of, name string) accessor {
	values := func(get func(*Scope) map[string]any) accessor {
		return func(s *Scope) (any, bool) { return get(s)[name], true }
	}
	texts := func(get func(*Scope) map[string]string) accessor {
		return func(s *Scope) (any, bool) { return get(s)[name], true }
	}
	switch of {
	case "run":
		return values(func(s *Scope) map[string]any { return s.Run })
	case "vars":
		return values(func(s *Scope) map[string]any { return s.Vars })
	case "account":
		return values(func(s *Scope) map[string]any { return s.Account })
	case "endpoint":
		return values(func(s *Scope) map[string]any { return s.Endpoint })
	case "delivery":
		return values(func(s *Scope) map[string]any { return s.Delivery })
	case "error":
		return values(func(s *Scope) map[string]any { return s.Error })
	case "path":
		return texts(func(s *Scope) map[string]string { return s.Path })
	case "query":
		return texts(func(s *Scope) map[string]string { return s.Query })
	case "header":
		return texts(func(s *Scope) map[string]string { return s.Header })
	case "fake":
		return accessPerson(name)
	}
	return nil
}

// accessPerson returns the accessor of a field of the generated person.
func accessPerson(name string) accessor {
	for field := range reflect.TypeFor[fake.Person]().Fields() {
		if field.Tag.Get("expr") != name {
			continue
		}
		return func(s *Scope) (any, bool) {
			p := s.person()
			if p == nil {
				return nil, false
			}
			return reflect.ValueOf(p).Elem().FieldByIndex(field.Index).Interface(), true
		}
	}
	return nil
}

// truth returns the value of a condition; not ok if it is not true or false.
func truth(of accessor, s *Scope) (value, ok bool) {
	v, ok := of(s)
	value, isBool := v.(bool)
	return value, ok && isBool
}

func binary(operator string, left, right accessor) accessor {
	switch operator {
	case "==", "!=":
		return func(s *Scope) (any, bool) {
			a, ok := left(s)
			if !ok {
				return nil, false
			}
			b, ok := right(s)
			if !ok {
				return nil, false
			}
			same, ok := equal(a, b)
			return same == (operator == "=="), ok
		}
	case "&&", "and", "||", "or":
		decisive := operator == "||" || operator == "or"
		return func(s *Scope) (any, bool) {
			if b, ok := truth(left, s); !ok || b == decisive {
				return b, ok
			}
			b, ok := truth(right, s)
			return b, ok
		}
	case "??":
		return func(s *Scope) (any, bool) {
			if v, ok := left(s); !ok || v != nil {
				return v, ok
			}
			return right(s)
		}
	case "+":
		return func(s *Scope) (any, bool) {
			a, ok := left(s)
			if !ok {
				return nil, false
			}
			b, ok := right(s)
			before, isText := a.(string)
			after, areText := b.(string)
			if len(before)+len(after) > maxSimple {
				return nil, false
			}
			return before + after, ok && isText && areText
		}
	}
	return nil
}

// equal compares two values of JSON's simple types; not ok for others, and for numbers of two types.
func equal(a, b any) (same, ok bool) {
	if !isSimple(a) || !isSimple(b) {
		return false, false
	}
	_, isInt := a.(int)
	_, isAlsoInt := b.(int)
	_, isFloat := a.(float64)
	_, isAlsoFloat := b.(float64)
	return a == b, !(isInt && isAlsoFloat || isFloat && isAlsoInt)
}

func isSimple(v any) bool {
	switch v.(type) {
	case nil, string, bool, int, float64:
		return true
	}
	return false
}

func builtin(name string, of accessor) accessor {
	if of == nil {
		return nil
	}
	change := map[string]func(string) string{"upper": strings.ToUpper, "lower": strings.ToLower, "trim": strings.TrimSpace,
		"string": func(s string) string { return s }}[name]
	if change == nil {
		return nil
	}
	return func(s *Scope) (any, bool) {
		v, ok := of(s)
		if n, isInt := v.(int); ok && isInt && name == "string" {
			return strconv.Itoa(n), true
		}
		text, isText := v.(string)
		if len(text) > maxSimple {
			return nil, false
		}
		return change(text), ok && isText
	}
}

// accessCall returns the accessor of a call of one of [functions] with simple arguments.
func accessCall(n *ast.CallNode) accessor {
	function, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || len(n.Arguments) == 0 {
		return nil
	}
	call := calls[function.Value]
	if call == nil && function.Value != "example" {
		return nil
	}
	arguments := make([]accessor, len(n.Arguments))
	for i, argument := range n.Arguments {
		if name, ok := argument.(*ast.IdentifierNode); ok && name.Value == "fake" {
			arguments[i] = func(s *Scope) (any, bool) { p := s.person(); return p, p != nil }
		} else if arguments[i] = access(argument); arguments[i] == nil {
			return nil
		}
	}
	return func(s *Scope) (any, bool) {
		var room [4]any
		values := room[:0]
		for _, argument := range arguments {
			v, ok := argument(s)
			if !ok {
				return nil, false
			}
			values = append(values, v)
		}
		if call == nil {
			return example(s, values)
		}
		return call(values)
	}
}

// example calls the scope's Example. An error is left to the virtual machine.
func example(s *Scope, p []any) (any, bool) {
	if s.Example == nil || len(p) < 2 {
		return nil, false
	}
	var room [4]string
	texts := room[:0]
	for _, v := range p {
		text, ok := v.(string)
		if !ok {
			return nil, false
		}
		texts = append(texts, text)
	}
	raw, err := s.Example(texts[0], texts[1], texts[2:]...)
	return raw, err == nil
}

// maxSimple is the size of the longest text that accessors build, in bytes. Longer ones count against the budget, which the
// virtual machine keeps.
const maxSimple = 4 << 10

// calls are functions that accessors call. Each returns not ok for arguments of other types.
var calls = map[string]func(p []any) (any, bool){
	"person.digits": func(p []any) (any, bool) {
		who, label, n, ok := labelled(p)
		if !ok {
			return nil, false
		}
		return who.Digits(label, n), true
	},
	"person.hex": func(p []any) (any, bool) {
		who, label, n, ok := labelled(p)
		if !ok {
			return nil, false
		}
		return who.Hex(label, n), true
	},
	"time.Format": func(p []any) (any, bool) {
		if len(p) != 2 {
			return nil, false
		}
		at, isTime := p[0].(time.Time)
		layout, isText := p[1].(string)
		if !isTime || !isText {
			return nil, false
		}
		return at.Format(layout), true
	},
	"person.date": func(p []any) (any, bool) {
		if len(p) != 4 {
			return nil, false
		}
		who, label, from, ok := labelled(p[:3])
		to, isInt := p[3].(int)
		if !ok || !isInt {
			return nil, false
		}
		return who.Date(label, from, to), true
	},
}

// labelled reads the arguments of a method of a person: a label and a number.
func labelled(p []any) (who *fake.Person, label string, n int, ok bool) {
	if len(p) != 3 {
		return nil, "", 0, false
	}
	who, isPerson := p[0].(*fake.Person)
	label, isText := p[1].(string)
	n, isInt := p[2].(int)
	return who, label, n, isPerson && isText && isInt && who != nil && n >= 0 && n <= maxDigits
}
