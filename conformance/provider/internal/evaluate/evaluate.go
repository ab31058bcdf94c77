package evaluate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/openapi"
)

// Contract is the provider that responses are compared with.
type Contract struct {
	Provider *openapi.Provider
	Account  string // the name of the account, which refusals may contain
	BadKey   string // the key of the requests with a bad key; empty: [exchange.UnknownKey]
}

// evaluator compares a response with the contract. expected is empty if the response is right; otherwise got describes it.
type evaluator func(c Contract, r *exchange.Request, response *exchange.Response) (expected, got string)

var evaluators = map[string]evaluator{
	"served":           served,
	"accepted":         accepted,
	"status":           documentedStatus,
	"body":             documentedBody,
	"media-type":       mediaType,
	"example":          exampleStatus,
	"refused":          refused,
	"refused-in-shape": refusedInShape,
	"shape":            shape,
	"allow":            allow,
	"no-leak":          noLeak,
}

// Known reports whether [Contract.Evaluate] knows a name.
func Known(name string) bool { return evaluators[name] != nil }

// Evaluate compares a response with the contract by a named function. expected is empty if the response is right.
func (c Contract) Evaluate(name string, r *exchange.Request, response *exchange.Response) (expected, got string) {
	return evaluators[name](c, r, response)
}

// served requires that the path and the method exist.
func served(c Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	if missing, finds := r.Op.Finds(); finds && missing != "" || strings.Contains(r.Op.Path, "{") {
		if response.Status == http.StatusNotFound && r.Op.ValidateResponse(response.Status, response.Body) == nil {
			return "", "" // the run does not exist
		}
	}
	if response.Status == http.StatusNotFound || response.Status == http.StatusMethodNotAllowed || response.Status == http.StatusNotImplemented {
		return "a response of the operation", response.Summary()
	}
	return "", ""
}

// accepted requires that a documented request is not refused as invalid.
func accepted(_ Contract, _ *exchange.Request, response *exchange.Response) (string, string) {
	switch response.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotAcceptable, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return "the documented request to be accepted", response.Summary()
	}
	if response.Status >= 500 {
		return "the documented request to be accepted", response.Summary()
	}
	return "", ""
}

func documentedStatus(c Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	if err := r.Op.ValidateResponse(response.Status, response.Body); errors.Is(err, openapi.ErrUndocumentedStatus) {
		return "a documented status", fmt.Sprintf("status %d", response.Status)
	}
	return "", ""
}

// documentedBody requires a body that is valid by the schema of the status. An undocumented status has no schema.
func documentedBody(c Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	err := r.Op.ValidateResponse(response.Status, response.Body)
	if err != nil && !errors.Is(err, openapi.ErrUndocumentedStatus) {
		return "a body that is valid by the schema", err.Error()
	}
	return "", ""
}

// mediaType requires that JSON is labeled as JSON.
func mediaType(_ Contract, _ *exchange.Request, response *exchange.Response) (string, string) {
	if len(response.Body) == 0 || !json.Valid(response.Body) {
		return "", ""
	}
	value := response.Header.Get("Content-Type")
	if kind, _, err := mime.ParseMediaType(value); err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return "Content-Type application/json", fmt.Sprintf("Content-Type %q", value)
	}
	return "", ""
}

func exampleStatus(_ Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	if response.Status != r.Status {
		return fmt.Sprintf("status %d", r.Status), response.Summary()
	}
	return "", ""
}

// allow requires the documented methods of the path in the header Allow.
func allow(_ Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	header := strings.Join(response.Header.Values("Allow"), ",")
	for method := range strings.SplitSeq(r.Refused.Allow, ",") {
		if !strings.Contains(header, strings.TrimSpace(method)) {
			return "Allow: " + r.Refused.Allow, fmt.Sprintf("Allow: %q", header)
		}
	}
	return "", ""
}

// stackTrace matches the traces of common languages and databases.
var stackTrace = regexp.MustCompile(`(?m)Traceback \(most recent call last\)|^\s+at .+\(.+:\d+:\d+\)|goroutine \d+ \[|\.go:\d+ \+0x|File ".+", line \d+|node_modules/|java\.lang\.|SQLSTATE|panic:`)

// noLeak requires a body with neither the key nor a stack trace.
func noLeak(c Contract, r *exchange.Request, response *exchange.Response) (string, string) {
	const expected = "a response without internal details"
	if trace := stackTrace.Find(response.Body); trace != nil {
		return expected, fmt.Sprintf("a stack trace: %q", trace)
	}
	if r.Refused != nil && r.Refused.Kind == openapi.BadCredential && strings.Contains(string(response.Body), cmp.Or(c.BadKey, exchange.UnknownKey)) {
		return expected, "the key in the body"
	}
	return "", ""
}
