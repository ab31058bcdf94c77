package openapi

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
)

// Misfit is a part of an overlay that makes an event's body violate its schema.
type Misfit struct {
	Path    []string // of keys, from the root of the overlay; empty: the overlay as a whole
	Message string
}

// Misfits judges data before it is laid over an event's body, by a sample of that body: for a run that keeps these values.
// It finds what is certain. Of what an expression decides nothing is said, nor where the sample itself does not satisfy
// the schema.
func (p *Provider) Misfits(event string, run map[string]any, data *template.Node) []Misfit {
	e := p.events[event]
	if e == nil {
		return nil
	}
	sample, err := p.sampleScope(run)
	if err != nil || p.judgeData(event, nil, sample) != nil {
		return nil
	}
	fixed, whole := data.Known()
	all := p.judgeData(event, fixed, sample)
	if all == nil {
		return nil
	}
	var found []Misfit
	var walk func(path []string, n *template.Node)
	walk = func(path []string, n *template.Node) {
		if n.IsObject() && len(n.Members()) > 0 {
			for _, m := range n.Members() {
				walk(append(slices.Clip(path), m.Key), m.Value)
			}
			return
		}
		alone := template.Object(nil).MergeAt(path, n)
		if err := p.judgeData(event, alone, sample); err != nil && (whole || within(err, append(slices.Clip(e.overlay), path...))) {
			found = append(found, Misfit{path, invalid(err, "").Message})
		}
	}
	walk(nil, fixed)
	if len(found) == 0 && whole { // each part is right by itself, but not with the others
		found = append(found, Misfit{Message: invalid(all, "").Message})
	}
	return found
}

// within reports whether an error is at a path, or that the path exists.
func within(err error, path []string) bool {
	var e *openapi3.SchemaError
	if !errors.As(err, &e) {
		return false
	}
	at := e.JSONPointer()
	if e.SchemaField == "properties" || e.SchemaField == "additionalProperties" {
		return slices.Equal(at, path[:len(path)-1])
	}
	return len(at) >= len(path) && slices.Equal(at[:len(path)], path)
}

// judgeData composes an event's body and judges it as CheckEvent does; the error is kin-openapi's.
func (p *Provider) judgeData(event string, over *template.Node, s *template.Scope) error {
	body, err := p.Compose(event, over, s, time.Unix(1, 0))
	if err != nil {
		return err
	}
	content, err := p.events[event].content(p)
	if err != nil {
		return err
	}
	media := content.Get("application/json")
	if media == nil || media.Schema == nil {
		return nil
	}
	v, err := template.DecodeJSON(body)
	if err != nil {
		return err
	}
	return media.Schema.Value.VisitJSON(v, openapi3.VisitAsResponse())
}

// sampleScope is what expressions see in a webhook about a run that was started by the first operation that starts one, as the
// document shows it.
func (p *Provider) sampleScope(run map[string]any) (*template.Scope, error) {
	const account, seed, reference = "sample", 1, "5a6d1c0e-0000-4000-8000-000000000001"
	credentials, err := p.Credentials(account, seed)
	if err != nil {
		return nil, err
	}
	credentials["name"], credentials["seed"] = account, seed
	s := &template.Scope{Account: credentials, Now: time.Unix(1, 0).UTC(), Delivery: map[string]any{"id": "d-1"}, Fake: fake.New(seed)}
	s.Run = map[string]any{"id": reference, "reference": reference, "scenario": "default", "started": s.Now}
	for key, value := range run {
		s.Run[key] = value
	}
	s.Endpoint = p.EndpointValues("e-1", "http://127.0.0.1/", nil)
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
