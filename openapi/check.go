package openapi

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// ErrUndocumentedStatus means that an operation has no response of a status.
var ErrUndocumentedStatus = errors.New("the document knows no answer")

// CheckReply judges an answer by the document: whether the operation may answer with this status, and whether the body
// is JSON that satisfies the schema of that status. An entry such as 4XX, or default, speaks for the statuses that have
// none of their own.
func (p *Provider) CheckReply(op *Operation, status int, body []byte) error {
	d, err := op.details()
	if err != nil {
		return err
	}
	for _, key := range []string{strconv.Itoa(status), fmt.Sprintf("%dXX", status/100), "default"} {
		if ref := d.responses.Value(key); ref != nil {
			if err := satisfies(ref.Value.Content, body); err != nil {
				return fmt.Errorf("%s: answer %d: %w", op.ID, status, err)
			}
			return nil
		}
	}
	return fmt.Errorf("%s: %w %d, it has %v", op.ID, ErrUndocumentedStatus, status, slices.Sorted(maps.Keys(d.responses.Map())))
}

// CheckEvent judges the body of a webhook by the schema that the document gives the event.
func (p *Provider) CheckEvent(event string, body []byte) error {
	e := p.events[event]
	if e == nil {
		return fmt.Errorf("provider %s has no event %q", p.Name, event)
	}
	content, err := e.content(p)
	if err == nil {
		err = satisfies(content, body)
	}
	if err != nil {
		return fmt.Errorf("event %s: %w", event, err)
	}
	return nil
}

// Breaks returns the keyword of the event's schema that a body violates, such as required or enum, or type for invalid JSON.
// It is empty where the body satisfies the schema, and where there is none.
func (p *Provider) Breaks(event string, body []byte) string {
	e := p.events[event]
	if e == nil {
		return ""
	}
	content, err := e.content(p)
	media := content.Get("application/json")
	if err != nil || media == nil || media.Schema == nil {
		return ""
	}
	v, err := template.DecodeJSON(body)
	if err != nil {
		return "type"
	}
	var broken *openapi3.SchemaError
	if err = media.Schema.Value.VisitJSON(v, openapi3.VisitAsResponse()); !errors.As(err, &broken) {
		return ""
	}
	for errors.As(broken.Origin, &broken) { // the inner error of oneOf and the like
	}
	return broken.SchemaField
}

// content is the documented body of the event, loaded at its first use.
func (e *Event) content(p *Provider) (openapi3.Content, error) {
	e.once.Do(func() {
		d, err := p.load()
		if err != nil {
			e.failure = err
			return
		}
		item := d.root.Lookup("webhooks", e.webhook)
		if item == nil {
			e.failure = fmt.Errorf("openapi.yaml has no webhook %q", e.webhook)
			return
		}
		loaded, err := d.load("/", d.resolve(item))
		if err != nil {
			e.failure = err
			return
		}
		for _, op := range loaded.Operations() {
			if op.RequestBody != nil {
				e.loaded = op.RequestBody.Value.Content
			}
		}
	})
	return e.loaded, e.failure
}

// satisfies judges a body by the first of the media types that is JSON.
func satisfies(content openapi3.Content, body []byte) error {
	media := content.Get("application/json")
	switch {
	case len(content) == 0 && len(body) == 0:
		return nil
	case len(content) == 0:
		return errors.New("it has a body and the document shows none")
	case media == nil || media.Schema == nil:
		return nil
	}
	v, err := template.DecodeJSON(body)
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	if err := media.Schema.Value.VisitJSON(v, openapi3.VisitAsResponse()); err != nil {
		return errors.New(invalid(err, "").Message)
	}
	return nil
}
