package openapi

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/spec"
)

// SchemaIssue is a part of an event's overlay by which the body violates the event's schema.
type SchemaIssue struct {
	Path    []string // keys from the top of the overlay; empty: the overlay as a unit
	Message string
}

// Issues validates an overlay with a sample body of the event, for a run with these values. It reports certain violations
// only: none that depends on an expression, and none if the sample itself is invalid.
func (w Webhooks) Issues(event string, run map[string]any, overlay *template.Node) []SchemaIssue {
	e := w.p.read().events[event]
	if e == nil {
		return nil
	}
	sample, err := w.p.sampleScope(run)
	if err != nil {
		return nil
	}
	validate := func(overlay *template.Node) error {
		body, err := w.Compose(event, overlay, sample, time.Unix(1, 0))
		if err != nil {
			return err
		}
		documented, err := e.documented()
		if err != nil {
			return err
		}
		return documented.Validate(body)
	}
	if validate(nil) != nil {
		return nil
	}
	fixed, complete := overlay.Known()
	all := validate(fixed)
	if all == nil {
		return nil
	}
	var issues []SchemaIssue
	var walk func(path []string, n *template.Node)
	walk = func(path []string, n *template.Node) {
		if n.IsObject() && len(n.Members()) > 0 {
			for _, m := range n.Members() {
				walk(append(slices.Clip(path), m.Key), m.Value)
			}
			return
		}
		alone := template.Object(nil).MergeAt(path, n)
		if err := validate(alone); err != nil && (complete || within(err, append(slices.Clip(e.overlay), path...))) {
			issues = append(issues, SchemaIssue{path, err.Error()})
		}
	}
	walk(nil, fixed)
	if len(issues) == 0 && complete { // each part is valid alone, but not with the others
		issues = append(issues, SchemaIssue{Message: all.Error()})
	}
	return issues
}

// within reports whether an error is a violation at a path or below.
func within(err error, path []string) bool {
	var v *spec.Violation
	return errors.As(err, &v) && v.Within(path)
}

// sampleScope returns the variables of a webhook for a sample run, started by the documented request of the first operation
// that starts one.
func (p *Provider) sampleScope(run map[string]any) (*template.Scope, error) {
	const account, seed, reference = "sample", 1, "5a6d1c0e-0000-4000-8000-000000000001"
	credentials, err := p.Credentials(account, seed)
	if err != nil {
		return nil, err
	}
	credentials["name"], credentials["seed"] = account, seed
	s := &template.Scope{Account: credentials, Now: time.Unix(1, 0).UTC(), Delivery: map[string]any{"id": "d-1"}, Fake: fake.New(seed)}
	s.Run = map[string]any{"id": reference, "reference": reference, "scenario": "default", "started": s.Now}
	maps.Copy(s.Run, run)
	s.Endpoint = p.Switches().Endpoint("e-1", "http://127.0.0.1/", nil)
	operations, err := p.Operations()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(operations, (*Operation).Starts)
	if i < 0 {
		return s, nil
	}
	op := operations[i]
	if _, body, err := op.Request(""); err == nil && body != nil {
		if s.Body, err = body.Value(nil); err != nil {
			return nil, err
		}
	}
	s.Subject = op.Subject(s)
	s.Run["operation"], s.Run["subject"] = op.ID, s.Subject
	own, err := op.Reference(s)
	if own = strings.TrimSpace(own); own != "" {
		s.Run["id"], s.Run["reference"] = own, own
	}
	return s, err
}
