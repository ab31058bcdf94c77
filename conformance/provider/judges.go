package provider

import (
	"cmp"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

// judge says what was wanted of an answer, and what is the matter with it; wanted is empty where it is right.
type judge func(r *runner, m *message, got *reply) (wanted, is string)

// judges are what a check may look at.
var judges = map[string]judge{
	"served":     served,
	"accepted":   accepted,
	"status":     statusDocumented,
	"body":       bodyFits,
	"media-type": mediaType,
	"example":    exampleStatus,
	"refused":    refusedAs,
	"refused-so": refusedSo,
	"shape":      shape,
	"allow":      allow,
	"silent":     silent,
}

func status(got *reply) string {
	return fmt.Sprintf("status %d: %s", got.status, clip(strings.TrimSpace(string(got.body)), 160))
}

// served: the path and the method are there.
func served(r *runner, m *message, got *reply) (string, string) {
	if missing, finds := m.op.Finds(); finds && missing != "" || strings.Contains(m.op.Path, "{") {
		if got.status == http.StatusNotFound && r.Provider.CheckReply(m.op, got.status, got.body) == nil {
			return "", "" // there is no such run
		}
	}
	if got.status == http.StatusNotFound || got.status == http.StatusMethodNotAllowed || got.status == http.StatusNotImplemented {
		return "an answer of the operation", status(got)
	}
	return "", ""
}

// accepted: what the document shows is no bad request.
func accepted(_ *runner, m *message, got *reply) (string, string) {
	switch got.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotAcceptable, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return "the documented request to be taken", status(got)
	}
	if got.status >= 500 {
		return "the documented request to be taken", status(got)
	}
	return "", ""
}

func statusDocumented(r *runner, m *message, got *reply) (string, string) {
	if err := r.Provider.CheckReply(m.op, got.status, got.body); err != nil && strings.Contains(err.Error(), "knows no answer") {
		return "a status that the document has", fmt.Sprintf("status %d", got.status)
	}
	return "", ""
}

func bodyFits(r *runner, m *message, got *reply) (string, string) {
	if wanted, _ := statusDocumented(r, m, got); wanted != "" {
		return "", "" // there is no schema to compare it with
	}
	if err := r.Provider.CheckReply(m.op, got.status, got.body); err != nil {
		return "a body that the schema takes", err.Error()
	}
	return "", ""
}

func mediaType(_ *runner, _ *message, got *reply) (string, string) {
	if len(got.body) == 0 || !json.Valid(got.body) {
		return "", ""
	}
	if kind, _, err := mime.ParseMediaType(got.header.Get("Content-Type")); err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return "Content-Type application/json", fmt.Sprintf("Content-Type %q", got.header.Get("Content-Type"))
	}
	return "", ""
}

func exampleStatus(_ *runner, m *message, got *reply) (string, string) {
	if got.status != m.status {
		return fmt.Sprintf("status %d", m.status), status(got)
	}
	return "", ""
}

// refusedAs: the status is that of the provider's refusal.
func refusedAs(r *runner, m *message, got *reply) (string, string) {
	want, err := r.refusal(m.refused, time.Unix(0, 0))
	if err != nil {
		return "an answer that the folder knows", err.Error()
	}
	if got.status != want.Status {
		return fmt.Sprintf("status %d, which says %s", want.Status, m.refused.Kind), status(got)
	}
	return "", ""
}

// refusedSo: the status is right, and the body is the one for this reason.
func refusedSo(r *runner, m *message, got *reply) (string, string) {
	if wanted, is := refusedAs(r, m, got); wanted != "" {
		return wanted, is
	}
	return shape(r, m, got)
}

// shape: the body is like the provider's own. What is the same whatever the reason and the time has to be the same here.
func shape(r *runner, m *message, got *reply) (string, string) {
	other := *m.refused
	other.Message, other.Field = "another reason", "another_field"
	first, err := r.refusal(m.refused, time.Unix(0, 0))
	if err != nil {
		return "an answer that the folder knows", err.Error()
	}
	second, err := r.refusal(&other, time.Unix(1e9, 7e3))
	if err != nil {
		return "an answer that the folder knows", err.Error()
	}
	var a, b, is any
	if json.Unmarshal(first.Body, &a) != nil || json.Unmarshal(second.Body, &b) != nil {
		return "", ""
	}
	wanted := "an error like " + string(first.Body)
	if err := json.Unmarshal(got.body, &is); err != nil {
		return wanted, "a body that is not JSON: " + clip(string(got.body), 120)
	}
	if at := differs("", a, b, is); at != "" {
		return wanted, at + " in " + clip(string(got.body), 200)
	}
	return mediaType(r, m, got)
}

// differs says where a value is not like two renderings of the right one.
func differs(at string, a, b, is any) string {
	if want, ok := a.(map[string]any); ok {
		have, ok := is.(map[string]any)
		if !ok {
			return "no object at " + at + "/"
		}
		other, _ := b.(map[string]any)
		for key, value := range want {
			if _, there := have[key]; !there {
				return "no " + at + "/" + key
			}
			if found := differs(at+"/"+key, value, other[key], have[key]); found != "" {
				return found
			}
		}
		return ""
	}
	if fmt.Sprintf("%T", a) != fmt.Sprintf("%T", is) {
		return fmt.Sprintf("another type at %s", at)
	}
	if fmt.Sprint(a) == fmt.Sprint(b) && fmt.Sprint(a) != fmt.Sprint(is) {
		return fmt.Sprintf("%v at %s", is, at)
	}
	return ""
}

// refusal is what the provider answers to a bad request.
func (r *runner) refusal(e *openapi.Error, now time.Time) (openapi.Reply, error) {
	return r.Provider.Refuse(e, &template.Scope{Account: map[string]any{"name": r.Key}, Now: now.UTC(), Fake: fake.New(1)})
}

// allow: the methods that the document has on this path are told.
func allow(_ *runner, m *message, got *reply) (string, string) {
	said := strings.Join(got.header.Values("Allow"), ",")
	for method := range strings.SplitSeq(m.refused.Allow, ",") {
		if !strings.Contains(said, strings.TrimSpace(method)) {
			return "Allow: " + m.refused.Allow, fmt.Sprintf("Allow: %q", said)
		}
	}
	return "", ""
}

// traces are what programs say of themselves when they break.
var traces = regexp.MustCompile(`(?m)Traceback \(most recent call last\)|^\s+at .+\(.+:\d+:\d+\)|goroutine \d+ \[|\.go:\d+ \+0x|File ".+", line \d+|node_modules/|java\.lang\.|SQLSTATE|panic:`)

// silent: neither the key nor what the program says of itself is in the answer.
func silent(r *runner, m *message, got *reply) (string, string) {
	const wanted = "an answer that gives nothing away"
	if found := traces.Find(got.body); found != nil {
		return wanted, fmt.Sprintf("a stack trace: %q", found)
	}
	if m.refused != nil && m.refused.Kind == openapi.BadCredential && strings.Contains(string(got.body), cmp.Or(r.BadKey, nobodysKey)) {
		return wanted, "the key stands in it"
	}
	return "", ""
}
