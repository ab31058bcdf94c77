package evaluate

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

// refused requires the status of the provider's refusal.
func refused(c Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	want, err := c.refusal(r.Refused, time.Unix(0, 0))
	if err != nil {
		return "a refusal that the provider's directory defines", err.Error()
	}
	if response.Status != want.Status {
		return fmt.Sprintf("status %d for %s", want.Status, r.Refused.Kind), response.Summary()
	}
	return "", ""
}

// refusedInShape requires the status and the body of the provider's refusal.
func refusedInShape(c Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	if expected, got := refused(c, r, response); expected != "" {
		return expected, got
	}
	return shape(c, r, response)
}

// shape requires the body of the provider's refusal. It renders two refusals with different reasons and times: values that
// are equal in both are constant, and must be equal in the response.
func shape(c Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	other := *r.Refused
	other.Message, other.Field = "another reason", "another_field"
	first, err := c.refusal(r.Refused, time.Unix(0, 0))
	if err != nil {
		return "a refusal that the provider's directory defines", err.Error()
	}
	second, err := c.refusal(&other, time.Unix(1e9, 7e3))
	if err != nil {
		return "a refusal that the provider's directory defines", err.Error()
	}
	var a, b, got any
	if json.Unmarshal(first.Body, &a) != nil || json.Unmarshal(second.Body, &b) != nil {
		return "", ""
	}
	expected := "an error like " + string(first.Body)
	if err := json.Unmarshal(response.Body, &got); err != nil {
		return expected, "a body that is not JSON: " + exchange.Clip(string(response.Body), 120)
	}
	if difference := differs("", a, b, got); difference != "" {
		return expected, difference + " in " + exchange.Clip(string(response.Body), 200)
	}
	return mediaType(c, r, response)
}

// differs describes the first difference between a value and two renderings of the right one.
func differs(pointer string, a, b, got any) string {
	if members, ok := a.(map[string]any); ok {
		have, ok := got.(map[string]any)
		if !ok {
			return "no object at " + pointer + "/"
		}
		other, _ := b.(map[string]any)
		for key, value := range members {
			if _, exists := have[key]; !exists {
				return "no " + pointer + "/" + key
			}
			if difference := differs(pointer+"/"+key, value, other[key], have[key]); difference != "" {
				return difference
			}
		}
		return ""
	}
	if fmt.Sprintf("%T", a) != fmt.Sprintf("%T", got) {
		return "another type at " + pointer
	}
	if fmt.Sprint(a) == fmt.Sprint(b) && fmt.Sprint(a) != fmt.Sprint(got) {
		return fmt.Sprintf("%v at %s", got, pointer)
	}
	return ""
}

// refusal returns the provider's response to an invalid request.
func (c Contract) refusal(e *openapi.Error, now time.Time) (openapi.Reply, error) {
	return c.Provider.Refuse(e, &template.Scope{Account: map[string]any{"name": c.Account}, Now: now.UTC(), Fake: fake.New(1)})
}
