package main

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/control"
)

// The command line and a server list the same scenarios, with the same magic values, verbs and operations.
func TestCatalogueIsOne(t *testing.T) {
	testenv.Long(t)
	listed, err := exec.CommandContext(t.Context(), "idmock", "scenarios", "--format", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	server := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0")
	base := server.must(t, `^ready (\S+)$`)[1]
	status, served := call(t, http.MethodGet, base+"/_idmock/v1/scenarios", "")
	var cli, api []control.Scenario
	if err := json.Unmarshal(listed, &cli); err != nil || status != http.StatusOK {
		t.Fatal(status, err)
	}
	if err := json.Unmarshal(served, &api); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cli, api); diff != "" || len(cli) == 0 {
		t.Errorf("the command line (-) and the server (+) list different scenarios, of %d:\n%s", len(cli), diff)
	}
	text, err := exec.CommandContext(t.Context(), "idmock", "scenarios").Output()
	if err != nil {
		t.Fatal(err)
	}
	magic, simulated := 0, 0
	for _, s := range cli {
		lines := strings.Split(string(text), "\n")
		if !slices.ContainsFunc(lines, func(line string) bool {
			words := strings.Fields(line)
			return len(words) > 2 && words[0] == s.Provider && words[1] == s.Name
		}) {
			t.Errorf("%s of %s is not listed as text", s.Name, s.Provider)
		}
		magic, simulated = magic+len(s.Magic), simulated+len(s.Simulate)
	}
	if magic == 0 || simulated == 0 {
		t.Errorf("%d magic values and %d simulated verbs are listed, want some of both", magic, simulated)
	}
}
