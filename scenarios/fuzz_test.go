package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/idmock/idmock/scenarios"
)

// Whatever a file holds, Parse says what is wrong with it or returns something that can be played.
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
	shipped, err := filepath.Glob("*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range shipped {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add(source("x", "  - on: [verify*, start]\n    when: body.a > 1\n    reply: [{status: 201}, {example: pending, body: {a: \"${run}\"}}]\n    set: {a: \"${body}\"}\n    then:\n      - {after: 1s, send: check.done, data: {a: 1}, expect: {status: 2xx}}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 4096 { // the YAML parser takes quadratic time for what is deeply nested
			return
		}
		s, err := scenarios.Parse("f.yaml", src, acme{})
		if err != nil {
			var problems scenarios.Problems
			if !errors.As(err, &problems) || len(problems) == 0 || problems.Error() == "" {
				t.Fatalf("error %T: %v", err, err)
			}
			return
		}
		m := scenarios.NewMachine(s, nil)
		for _, on := range append(acme{}.Operations("acme"), scenarios.Start) {
			state, effects, err := m.Step(scenarios.State{}, scenarios.Input{On: on, Scope: scope(map[string]any{"a": 1}, nil)})
			if err != nil {
				continue // an expression may well fail on this body
			}
			if _, isReply := append(effects, nil)[0].(scenarios.Reply); isReply == (on == scenarios.Start) {
				t.Fatalf("%s: first effect is %T", on, append(effects, nil)[0])
			}
			state = stored(t, state)
			for _, effect := range effects {
				if timer, ok := effect.(scenarios.Schedule); ok {
					_, _, _ = m.Step(state, scenarios.Input{Timer: timer.Timer, Scope: scope(nil, run(state))})
				}
			}
		}
	})
}
