package play

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/client"
	"github.com/idmock/idmock/mockserver/journal"
)

// attemptTimeout bounds the wait for the first attempt of a triggered delivery.
const attemptTimeout = "1m"

// ErrRejected reports that a receiver did not accept a triggered event.
var ErrRejected = errors.New("event rejected")

// Trigger sends an event to every endpoint of the client's account, and prints each request and its response. The error is
// [ErrRejected] if a receiver did not accept it.
func Trigger(ctx context.Context, server *client.Client, event control.SendRequest, out io.Writer) error {
	sent, err := server.Send(ctx, event)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s of %s for account %s, run %s\n", event.Event, event.Provider, sent.Account, sent.Run)
	for _, warning := range sent.Warnings {
		fmt.Fprintf(out, "warning: %s\n", warning)
	}
	var rejected error
	for _, delivery := range sent.Deliveries {
		attempt, err := firstAttempt(ctx, server.For(sent.Account), delivery)
		if err != nil {
			return err
		}
		printAttempt(out, attempt)
		if !attempt.Accepted {
			rejected = rejectedError{fmt.Errorf("the receiver at %s did not accept %s: %s", attempt.URL, event.Event, reason(attempt))}
		}
	}
	return rejected
}

type rejectedError struct{ error }

func (rejectedError) Is(target error) bool { return target == ErrRejected }

func firstAttempt(ctx context.Context, account *client.Client, delivery string) (journal.Attempt, error) {
	found, err := account.Wait(ctx, client.Expectation{Delivery: delivery, Outcome: "attempted", Timeout: attemptTimeout})
	if err != nil {
		return journal.Attempt{}, err
	}
	return journal.As[journal.Attempt](found[0])
}

func printAttempt(out io.Writer, a journal.Attempt) {
	fmt.Fprintf(out, "%s %s\n%s\n", a.Request.Method, a.URL, a.Request.Body.Bytes)
	if a.SignedBy != "" {
		fmt.Fprintf(out, "signed by %s\n", a.SignedBy)
	}
	took := time.Duration(a.Phases.Total).Round(time.Microsecond)
	if a.Accepted {
		fmt.Fprintf(out, "accepted with %d after %v\n", a.Response.Status, took)
		return
	}
	fmt.Fprintf(out, "not accepted: %s after %v\n", reason(a), took)
}

// ParseData parses assignments such as data.score=97 into nested objects. A value that is JSON keeps its type; anything
// else is a string.
func ParseData(assignments []string) (map[string]any, error) {
	data := map[string]any{}
	for _, assignment := range assignments {
		path, text, ok := strings.Cut(assignment, "=")
		if !ok || path == "" || strings.HasPrefix(path, ".") || strings.HasSuffix(path, ".") || strings.Contains(path, "..") {
			return nil, fmt.Errorf("invalid %q: use A.B=VALUE, such as response_code=01 or data.score=97", assignment)
		}
		names := strings.Split(path, ".")
		parent := data
		for _, name := range names[:len(names)-1] {
			child, isObject := parent[name].(map[string]any)
			if _, exists := parent[name]; exists && !isObject {
				return nil, fmt.Errorf("invalid %q: %s already has a value", assignment, name)
			}
			if child == nil {
				child = map[string]any{}
				parent[name] = child
			}
			parent = child
		}
		parent[names[len(names)-1]] = parseValue(text)
	}
	return data, nil
}

func parseValue(text string) any {
	in := json.NewDecoder(strings.NewReader(text))
	in.UseNumber()
	var value any
	if in.Decode(&value) != nil || in.More() {
		return text
	}
	return value
}
