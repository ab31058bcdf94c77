package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/scenarios"
)

// Parse returns problems or a playable scenario, for any file.
func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("testdata/lint/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range seeds {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	shipped, err := filepath.Glob("../openapi/*/scenarios/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	folder, err := filepath.Glob("../testdata/scenarios/*.yaml")
	if err != nil || len(folder) == 0 {
		f.Fatalf("%d files, %v", len(folder), err)
	}
	for _, name := range append(shipped, folder...) {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add(source("x", "  - on: [verify*, start]\n    when: body.a > 1\n    reply: [{status: 201}, {example: pending, body: {a: \"${run}\"}}]\n    set: {a: \"${body}\"}\n    then:\n      - {after: 1s, send: check.done, data: {a: 1}, expect: {status: 2xx}}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := scenarios.Parse("f.yaml", src, acme{})
		if err != nil {
			var problems diag.List
			if !errors.As(err, &problems) || len(problems) == 0 || problems.Error() == "" {
				t.Fatalf("error %T: %v", err, err)
			}
			return
		}
		m := scenarios.NewMachine(s, nil)
		triggers := []string{scenarios.Start, scenarios.Delivered("check.done"), scenarios.Exhausted("check.failed"), scenarios.Simulate("aml-hit")}
		for _, on := range append(acme{}.Operations("acme"), triggers...) {
			state, effects, err := m.Step(scenarios.State{}, scenarios.Input{On: on, Scope: scope(map[string]any{"a": 1}, nil)})
			if err != nil {
				continue // an expression may fail on this body
			}
			if _, isReply := append(effects, nil)[0].(scenarios.Reply); isReply == slices.Contains(triggers, on) {
				t.Fatalf("%s: first effect is %T", on, append(effects, nil)[0])
			}
			state = stored(t, state)
			for range 3 { // a few steps into each timeline
				var next []scenarios.Effect
				for _, effect := range effects {
					for _, in := range turns(effect) {
						in.Scope = scope(nil, run(state))
						if _, more, err := m.Step(state, in); err == nil {
							next = append(next, more...)
						}
					}
				}
				effects = next[:min(len(next), 100)]
			}
		}
	})
}

// turns returns the inputs that may follow an effect.
func turns(effect scenarios.Effect) []scenarios.Input {
	switch e := effect.(type) {
	case scenarios.Schedule:
		return []scenarios.Input{{Timer: e.Timer}}
	case scenarios.Await:
		return []scenarios.Input{{Timer: e.Timer, Turn: scenarios.Met}, {Timer: e.Timer, Turn: scenarios.Missed}}
	case scenarios.Send:
		if e.Else != nil {
			return []scenarios.Input{{Timer: *e.Else, Turn: scenarios.Begin}}
		}
	}
	return nil
}
