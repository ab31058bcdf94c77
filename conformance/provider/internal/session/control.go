package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/openapi/signing"
)

// controlCall is a call to the control API.
type controlCall struct {
	account string // empty: all accounts
	method  string
	path    string
	body    any // nil: none
	into    any // receives the response; nil: ignored
}

// control calls the control API of an idmock.
func (s *Session) control(ctx context.Context, c controlCall) error {
	u, err := url.Parse(s.URL)
	if err != nil {
		return err
	}
	u.Path, u.RawQuery = "/_idmock/v1"+c.path, ""
	if c.account != "" && !strings.HasPrefix(c.path, "/accounts/") { // this path names the account
		u.RawQuery = url.Values{"account": {c.account}}.Encode()
	}
	var body []byte
	if c.body != nil {
		if body, err = json.Marshal(c.body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, c.method, u.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("control API: %s %s: status %d: %s", c.method, c.path, response.StatusCode, exchange.Clip(string(text), 200))
	}
	if c.into == nil {
		return nil
	}
	return json.Unmarshal(text, c.into)
}

// SendEvent sends the first event that a webhook of the account accepts, and returns its name.
func (s *Session) SendEvent(ctx context.Context, account string) (string, error) {
	err := errors.New("the provider has no events")
	for _, event := range s.Provider.Events() {
		body := map[string]any{"provider": s.Provider.Name, "event": event.Name}
		if err = s.control(ctx, controlCall{account: account, method: http.MethodPost, path: "/send", body: body}); err == nil {
			return event.Name, nil
		}
	}
	return "", err
}

// Freeze stops the clock of an account, and creates the account if it does not exist.
func (s *Session) Freeze(ctx context.Context, account string) error {
	return s.control(ctx, controlCall{account: account, method: http.MethodPost, path: "/clock", body: map[string]any{"frozen": true}})
}

// Advance moves the clock of an account and returns once all due webhooks were delivered or have failed.
func (s *Session) Advance(ctx context.Context, account string, d time.Duration) error {
	body := map[string]any{"by": fmt.Sprintf("%dms", d.Milliseconds())}
	return s.control(ctx, controlCall{account: account, method: http.MethodPost, path: "/clock/advance", body: body})
}

// Attempt is an attempt of a delivery, as the server reports it.
type Attempt struct {
	URL, Class, Error, Remote string
}

// ClassBlocked is the class of an attempt without a connection, because the address is forbidden.
const ClassBlocked = "blocked"

// Attempts returns the attempts that the server reports for an account.
func (s *Session) Attempts(ctx context.Context, account string) ([]Attempt, error) {
	var list struct {
		Deliveries []struct{ Attempts []Attempt }
	}
	err := s.control(ctx, controlCall{account: account, method: http.MethodGet, path: "/deliveries", into: &list})
	var attempts []Attempt
	for _, d := range list.Deliveries {
		attempts = append(attempts, d.Attempts...)
	}
	return attempts, err
}

// Secret returns the signing secret of an account.
func (s *Session) Secret(ctx context.Context, account string, signature signing.Config) (string, error) {
	var settings struct {
		Credentials map[string]map[string]string
	}
	err := s.control(ctx, controlCall{account: account, method: http.MethodGet, path: "/accounts/" + url.PathEscape(account), into: &settings})
	return settings.Credentials[s.Provider.Name][signature.Secret], err
}

// DetectTargets sets Local by the server's health report. Other servers are tested strictly.
func (s *Session) DetectTargets(ctx context.Context) {
	var health struct{ Targets string }
	s.Local = s.Mock && s.control(ctx, controlCall{method: http.MethodGet, path: "/health", into: &health}) == nil && health.Targets == "local"
}
