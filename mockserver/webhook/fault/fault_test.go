package fault

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/scenarios"
)

// The table matches the implementations: each fault is implemented for its places and for no others.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range Verbs() {
		do := implementations[v.Name]
		delivery := do.plan != nil || do.body != nil || do.sign != nil || do.send != nil
		for where, acts := range map[string]bool{scenarios.InDelivery: delivery, scenarios.InReply: do.reply != nil} {
			if slices.Contains(v.Where, where) != acts {
				t.Errorf("%s: implemented for a %s: %v, contrary to the table", v.Name, where, acts)
			}
		}
		if seen[v.Name] || len(v.Where) == 0 || !strings.HasSuffix(v.About, ".") {
			t.Errorf("%s is duplicate, has no place or no sentence: %+v", v.Name, v)
		}
		seen[v.Name] = true
		for _, a := range v.Args {
			if types[a.Type] == nil || a.check(a.Default) != nil || !strings.HasSuffix(a.About, ".") {
				t.Errorf("%s %s: type %q, default %q, %q", v.Name, a.Name, a.Type, a.Default, a.About)
			}
		}
		for _, where := range v.Where {
			if p := LimitsOf(scenarios.Fault{Name: v.Name}, where); p != (Limits{Probability: 1}) {
				t.Errorf("%s: default limits %+v", v.Name, p)
			}
		}
	}
	for name := range implementations {
		if !seen[name] {
			t.Errorf("the table lacks %s", name)
		}
	}
}

// Nuisances consist of valid faults.
func TestNuisances(t *testing.T) {
	for _, n := range Nuisances() {
		if !strings.HasSuffix(n.About, ".") || len(n.Faults) == 0 && n.Name != OddIDs {
			t.Errorf("%+v", n)
		}
		for _, f := range n.Faults {
			if err := Check(scenarios.Fault{Name: f.Name, Args: f.Args}, f.Where); err != nil {
				t.Errorf("%s: %v", n.Name, err)
			}
		}
	}
	if err := CheckNuisances([]string{"duplicates", "odd-ids"}); err != nil {
		t.Error(err)
	}
	if err := CheckNuisances([]string{"duplicate"}); err == nil || !strings.Contains(err.Error(), "duplicates, reordering") {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	args := func(name string, pairs ...string) scenarios.Fault {
		f := scenarios.Fault{Name: name, Args: map[string]string{}}
		for i := 0; i < len(pairs); i += 2 {
			f.Args[pairs[i]] = pairs[i+1]
		}
		return f
	}
	for _, c := range []struct {
		fault scenarios.Fault
		where string
		want  string
	}{
		{args("delay", "by", "5m", "probability", "0.5", "times", "3"), scenarios.InDelivery, ""},
		{args("reset", "keep", "1"), scenarios.InReply, ""},
		{args("oversize", "size", "64KiB"), scenarios.InDelivery, ""},
		{args("delay"), scenarios.InReply, `unknown reply fault "delay": use one of unknown-field`},
		{args("delay", "until", "5m"), scenarios.InDelivery, `unknown argument "until" of fault delay: use one of by, `},
		{args("delay", "by", "soon"), scenarios.InDelivery, "argument by of fault delay: "},
		{args("latency", "attempts", "1"), scenarios.InReply, "unknown argument"},
		{args("duplicate", "how", "twice"), scenarios.InDelivery, "use in-sequence or concurrent"},
		{args("duplicate", "copies", "-1"), scenarios.InDelivery, "use an integer"},
		{args("drop", "probability", "NaN"), scenarios.InDelivery, "from 0 to 1"},
		{args("drop", "probability", "1.01"), scenarios.InDelivery, "from 0 to 1"},
		{args("oversize", "size", "1GiB"), scenarios.InDelivery, "invalid size"},
		{args("oversize", "size", "65MiB"), scenarios.InDelivery, "at most 64MiB"},
	} {
		err := Check(c.fault, c.where)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v on a %s: %v, want %q", c.fault, c.where, err, c.want)
		}
	}
}

// Tampering changes one byte outside escapes, and the body remains valid JSON.
func TestTampered(t *testing.T) {
	const body = `{"a":"\u00e9\n","b":{"c":"","d":17,"e":0.5,"f":true},"list":["x"],"g":"z9Z"}`
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		m := webhook.Message{Body: []byte(body)}
		if err := tampered(args{}, &m, r); err != nil {
			t.Fatal(err)
		}
		differ := 0
		for i := range m.Body {
			if m.Body[i] != body[i] {
				differ++
			}
		}
		if differ != 1 || len(m.Body) != len(body) || !json.Valid(m.Body) {
			t.Fatalf("%d bytes differ: %s", differ, m.Body)
		}
	}
	if err := tampered(args{}, &webhook.Message{Body: []byte(`{"a":[],"b":0}`)}, r); err == nil {
		t.Error("no error without a string or number to change")
	}
}

func TestPlans(t *testing.T) {
	var p Plan
	Planned([]scenarios.Fault{{Name: "delay"}, {Name: "delay", Args: map[string]string{"by": "1h"}},
		{Name: "duplicate", Args: map[string]string{"copies": "2", "after": "1m", "how": "concurrent"}}, {Name: "before-reply"}}, &p)
	if p.Later != time.Hour+30*time.Second || !p.First || len(p.Copies) != 2 || p.Copies[1] != (Copy{After: 2 * time.Minute, Aside: true}) {
		t.Errorf("%+v", p)
	}
}

// Faults terminate for any body, and adding, removing or replacing a member of valid JSON keeps it valid.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{"event":"x","data":{"status":"a","list":[{"b":1}]}}`, `{}`, `[1]`, `{"a\"":"\\"}`, "{\"a\" :\t1 , \"b\":[ ]}", `x`} {
		f.Add([]byte(seed), "a")
	}
	f.Fuzz(func(t *testing.T, body []byte, field string) {
		valid := json.Valid(body)
		for name, do := range implementations {
			if do.body == nil {
				continue
			}
			d := Draft{Event: "x", Body: slices.Clone(body), Breaks: func(b []byte) string {
				if !json.Valid(b) && valid {
					t.Errorf("%s tries %s of %s", name, b, body)
				}
				return "required"
			}}
			a := argsOf(scenarios.Fault{Name: name, Args: map[string]string{"field": field, "size": "64KiB"}}, scenarios.InDelivery)
			if err := do.body(a, &d, rand.New(rand.NewPCG(1, 1))); err != nil {
				continue
			}
			if shapes := []string{"unknown-field", "unknown-event", "unknown-value", "missing-required", "missing-optional"}; valid && slices.Contains(shapes, name) && !json.Valid(d.Body) {
				t.Errorf("%s made %q of %q", name, d.Body, body)
			}
		}
		m := webhook.Message{Body: body}
		if tampered(args{}, &m, rand.New(rand.NewPCG(1, 1))) == nil && valid && !json.Valid(m.Body) {
			t.Errorf("tampered made %q of %q", m.Body, body)
		}
	})
}
