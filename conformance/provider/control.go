package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// control calls a mock's control API for an account; empty is for everybody.
func (r *runner) control(account, method, path string, body, into any) error {
	u, err := url.Parse(r.URL)
	if err != nil {
		return err
	}
	u.Path, u.RawQuery = "/_idmock/v1"+path, ""
	if account != "" && !strings.HasPrefix(path, "/accounts/") { // which says by itself whose it is
		u.RawQuery = url.Values{"account": {account}}.Encode()
	}
	src, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		src = nil
	}
	request, err := http.NewRequestWithContext(r.ctx, method, u.String(), bytes.NewReader(src))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return fmt.Errorf("the control API answers %s %s with %d: %s", method, path, answer.StatusCode, clip(string(said), 200))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(said, into)
}

// sendEvent lets the first event be sent that a webhook of the account takes, and returns its name.
func (r *runner) sendEvent(account string) (string, error) {
	err := errors.New("the provider has no events")
	for _, event := range r.Provider.Events() {
		if err = r.control(account, http.MethodPost, "/send", map[string]any{"provider": r.Provider.Name, "event": event.Name}, nil); err == nil {
			return event.Name, nil
		}
	}
	return "", err
}

// freeze stops an account's clock.
func (r *runner) freeze(account string) error {
	return r.control(account, http.MethodPost, "/clock", map[string]any{"frozen": true}, nil)
}

// attempted is what a server says of one of its attempts.
type attempted struct {
	URL, Class, Error, Remote string
}

// notCalled is the class of an attempt for which nothing was connected to, since its address is not allowed.
const notCalled = "blocked"

// attempts are those that the server says that it has made for an account.
func (r *runner) attempts(account string) ([]attempted, error) {
	var told struct {
		Deliveries []struct{ Attempts []attempted }
	}
	err := r.control(account, http.MethodGet, "/deliveries", nil, &told)
	var all []attempted
	for _, d := range told.Deliveries {
		all = append(all, d.Attempts...)
	}
	return all, err
}

// targets finds out where the server's webhooks may go. One that does not say it is judged strictly.
func (r *runner) targets() {
	var health struct{ Targets string }
	r.local = r.mock && r.control("", http.MethodGet, "/health", nil, &health) == nil && health.Targets == "local"
}
