package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/theory/jsonpath"

	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// Probe reads the application's own view of a subject.
type Probe struct {
	Hook
	// Value, Effects and Text are JSONPaths (RFC 9535) into the probe's output: the state of the subject, the number of
	// effects (a number, or a list that is counted), and a text that was sent. Output that is one plain word is the state.
	Value, Effects, Text string
	// Granted are the states that give the subject the access of a verified person. Case does not matter.
	Granted []string
}

// Check reports an invalid URL and invalid JSONPaths.
func (p Probe) Check() []error {
	var problems []error
	if err := p.Hook.Check(true); err != nil {
		problems = append(problems, err)
	}
	for _, path := range []string{p.Value, p.Effects, p.Text} {
		if path == "" {
			continue
		}
		if _, err := jsonpath.Parse(path); err != nil {
			problems = append(problems, fmt.Errorf("invalid JSONPath %q: %w", path, err))
		}
	}
	return problems
}

// View is the application's view of a subject. Without Counted, Effects is unknown; without HasText, Text is.
type View struct {
	Value   string
	Granted bool
	Effects int
	Counted bool
	Text    string
	HasText bool
}

// Look reads the view. A subject that the application does not know has the value unknown.
func (p Probe) Look(ctx context.Context, s *profile.Subject) (View, error) {
	output, err := p.Call(ctx, http.MethodGet, s)
	if errors.Is(err, ErrUnknownSubject) || err == nil && len(bytes.TrimSpace(output)) == 0 {
		return View{Value: "unknown", Counted: p.Effects != "", HasText: p.Text != ""}, nil
	}
	if err != nil {
		return View{}, fmt.Errorf("the probe failed: %w", err)
	}
	var doc any
	if err := json.Unmarshal(output, &doc); err != nil {
		doc = wire.FirstLine(string(output))
	}
	value := doc
	if _, isText := doc.(string); !isText {
		if value, err = find(doc, p.Value); err != nil {
			return View{}, fmt.Errorf("the probe's output has no state: %w", err)
		}
	}
	v := View{Value: plain(value)}
	for _, word := range p.Granted {
		v.Granted = v.Granted || strings.EqualFold(word, v.Value)
	}
	if p.Effects != "" {
		if n, err := find(doc, p.Effects); err == nil {
			switch n := n.(type) {
			case float64:
				v.Effects, v.Counted = int(n), true
			case []any:
				v.Effects, v.Counted = len(n), true
			}
		}
	}
	if p.Text != "" {
		if text, err := find(doc, p.Text); err == nil {
			v.Text, v.HasText = plain(text), true
		}
	}
	return v, nil
}

// find returns the node at a JSONPath that selects at most one, such as $.a[0], and the list of nodes at any other.
func find(doc any, path string) (any, error) {
	p, err := jsonpath.Parse(path)
	if err != nil {
		return nil, err
	}
	nodes := p.Select(doc)
	if p.Query().Singular() == nil {
		return []any(nodes), nil
	}
	if len(nodes) == 0 {
		return nil, fmt.Errorf("nothing found at %s", path)
	}
	return nodes[0], nil
}

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return "null"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
