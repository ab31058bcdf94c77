package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// ErrUndocumentedStatus reports a status that the operation does not document.
var ErrUndocumentedStatus = errors.New("undocumented response")

// ValidateResponse checks status and body of a response: the operation must document the status, and the body must be JSON
// that satisfies its schema. An entry such as 4XX, or default, covers statuses without their own.
func (s *Schemas) ValidateResponse(status int, body []byte) error {
	for _, key := range []string{strconv.Itoa(status), fmt.Sprintf("%dXX", status/100), "default"} {
		if content, ok := s.responses[key]; ok {
			if err := satisfies(content, body); err != nil {
				return fmt.Errorf("%s: response %d: %w", s.id, status, err)
			}
			return nil
		}
	}
	return fmt.Errorf("%s: %w %d: the document has %v", s.id, ErrUndocumentedStatus, status, slices.Sorted(maps.Keys(s.responses)))
}

// satisfies checks a body against the first JSON media type. A schema's error is a [*Violation].
func satisfies(content content, body []byte) error {
	media := content.json()
	switch {
	case len(content) == 0 && len(body) == 0:
		return nil
	case len(content) == 0:
		return errors.New("the document has no body for it")
	case media == nil || media.schema == nil:
		return nil
	}
	v, err := template.DecodeJSON(body)
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	if err := media.schema.Value.VisitJSON(v, openapi3.VisitAsResponse()); err != nil {
		return newViolation(err, "", openapi3.VisitAsResponse())
	}
	return nil
}

// Webhook is a webhook of the document.
type Webhook struct {
	doc  *Document
	node *template.Node

	once    sync.Once
	loaded  content
	failure error
}

// Extension returns the text of an extension of the webhook's operation, empty if absent.
func (w *Webhook) Extension(name string) string {
	for _, m := range w.doc.resolve(w.node).Members() {
		if value := text(m.Value.Lookup(name)); value != "" {
			return value
		}
	}
	return ""
}

// Validate checks a webhook's body. A schema's error is a [*Violation].
func (w *Webhook) Validate(body []byte) error {
	content, err := w.content()
	if err != nil {
		return err
	}
	return satisfies(content, body)
}

// Keyword returns the innermost keyword of the schema that a body violates, such as required or enum, or type for a body
// that is not JSON. It is empty for a valid body and without a schema.
func (w *Webhook) Keyword(body []byte) string {
	content, err := w.content()
	if media := content.json(); err != nil || media == nil || media.schema == nil {
		return ""
	}
	var v *Violation
	switch err := satisfies(content, body); {
	case err == nil:
		return ""
	case errors.As(err, &v):
		return v.innermost
	default:
		return "type"
	}
}

// content returns the media types of the body. The first call loads them.
func (w *Webhook) content() (content, error) {
	w.once.Do(func() {
		l := w.doc.library
		l.mu.Lock()
		defer l.mu.Unlock()
		b := &builder{library: l}
		for _, m := range w.doc.resolve(w.node).Members() {
			node := m.Value.Lookup("requestBody")
			if node == nil {
				continue
			}
			body, err := w.doc.follow(node)
			if err == nil {
				w.loaded, err = b.content(body)
			}
			if err != nil {
				w.failure = err
			}
		}
	})
	return w.loaded, w.failure
}
