package template_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/internal/testenv"
)

// Expressions end soon and build little.
func TestSecurityExpressions(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	for _, source := range []string{
		`let r = 1..1000; all(r, all(r, all(r, all(r, true))))`,
		`all(1..400, all(1..400, all(1..400, true)))`,
		`reduce(1..100, #acc + #acc, "xxxxxxxxxx")`,
		`reduce(1..100, #acc + #acc + #acc, body.name)`,
		`let a = repeat("x", 1000); let b = replace(a, "x", a); let c = replace(b, "x", a); len(c)`,
		`let a = repeat("x", 100000); join(map(1..1000, a), a)`,
		`repeat("x", 2000000000)`,
		`repeat(repeat("x", 1000000), 1000000)`,
		`len(uniq(1..200000))`,
		`1..100000000`,
		`fake.hex("a", 2000000000)`,
		`fake.digits("a", -1)`,
		`let a = map(1..1000, repeat("x", 1000)); let b = map(1..1000, toJSON(a)); len(b)`,
		`let a = repeat("x", 1000000); map(1..1000, upper(a))`,
		`let a = repeat("a", 100000); any(1..100000, a matches "(a|aa)*b{900}")`,
		`repeat("a", 300000) matches "a{1000}a{1000}a{1000}b"`,
		`let a = 1..1000; any(a, any(a, any(a, # + 2000 in a)))`,
		`any(1..1000, any(1..1000, any(1..1000, false)))`,
		`sum(map(1..600, sum(map(1..600, sum(map(1..600, 1))))))`,
		`count(1..1000, count(1..1000, count(1..1000, true) > 0) > 0)`,
		`find(1..1000, none(1..1000, all(1..1000, true)))`,
	} {
		e, err := template.Compile(source)
		if err != nil {
			continue // refused before it does anything
		}
		start := time.Now()
		v, err := e.Value(scope())
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s takes %v", source, took)
		}
		if err == nil {
			t.Errorf("%s has a value of type %T", source, v)
		}
		if err != nil && len(err.Error()) > 600 {
			t.Errorf("%s: the error has %d bytes", source, len(err.Error()))
		}
	}
}

// Many expressions of one scope share its budget: a text cannot grow from one to the next.
func TestSecurityScopeBudget(t *testing.T) {
	t.Parallel()
	double, err := template.Compile(`vars.a + vars.a`)
	if err != nil {
		t.Fatal(err)
	}
	s := scope()
	s.Vars = map[string]any{"a": "xxxxxxxx"}
	for range 60 {
		v, err := double.Value(s)
		if errors.Is(err, template.ErrBudget) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		s.Vars["a"] = v
	}
	t.Error("a text grows without end")
}

// The budget changes no value.
func TestSecurityBudgetIsInvisible(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]any{
		`"a" + "b" + subject`:                         "ab" + scope().Subject,
		`1 + 2`:                                       3,
		`1.5 + 2`:                                     3.5,
		`(body.missing ?? "x") + "y"`:                 "xy",
		`"a" + string(1) + "b"`:                       "a1b",
		`map(1..3, # * 2)[2]`:                         6,
		`filter(1..5, # > 3)[0]`:                      4,
		`count(1..5, # > 3)`:                          2,
		`sum(1..4)`:                                   10,
		`reduce(1..4, #acc + #, 0)`:                   10,
		`all([1, 2], # > 0) && any([1, 2], # > 1)`:    true,
		`replace("aXbX", "X", "yy")`:                  "ayybyy",
		`replace("aXbX", "X", "y", 1)`:                "aybX",
		`join(["a", "b"], "-") + join(["c", "d"])`:    "a-bcd",
		`repeat("ab", 3)`:                             "ababab",
		`upper("a" + "b")`:                            "AB",
		`"abc" matches "^a.c$"`:                       true,
		`split("a,b", ",")[1]`:                        "b",
		`len(concat([1], [2, 3]))`:                    3,
		`toJSON({"a": 1})`:                            "{\n  \"a\": 1\n}",
		`fromJSON("[1]")[0]`:                          float64(1),
		`len(uniq([1, 1, 2]))`:                        2,
		`findIndex([3, 4], # == 4)`:                   1,
		`sortBy([2, 1], #)[0]`:                        1,
		`groupBy([1, 2], # > 1)[true][0]`:             2,
		`let x = "a"; let y = x + x; y + y`:           "aaaa",
		`fake.digits("a", 4) == fake.digits("a", 4)`:  true,
		`now + duration("1h") > now`:                  true,
		`string(now.Format("2006")) + "" == "" + "x"`: false,
	} {
		e, err := template.Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if v, err := e.Value(scope()); err != nil || v != want {
			t.Errorf("%s: %v (%T), %v, want %v", source, v, v, err, want)
		}
	}
	for _, source := range []string{`map(1..3, #.x.y + fake.frist_name)`, `upper(1)`, `"a" + 1`, `all(1..3, 5)`, `replace(1, 2, 3)`, `join("a", "b")`} {
		if _, err := template.Compile(source); err == nil {
			t.Errorf("%s compiles, although its types do not fit", source)
		}
	}
}

// An expression that cannot be a leaf cannot be a condition either; numbers beyond all types are refused.
func TestSecurityEdges(t *testing.T) {
	t.Parallel()
	for _, source := range []string{`00//"`, `1 // }`, `true /* "`, strings.Repeat("1+", 20_000) + "1"} {
		if _, err := template.Compile(source); err == nil {
			t.Errorf("%.50s compiles", source)
		}
	}
	for _, text := range []string{"1e999", "[-1e999]", `{"a":{"b":1e400}}`} {
		if v, err := template.DecodeJSON([]byte(text)); err == nil {
			t.Errorf("%s is decoded as %v", text, v)
		}
	}
}
