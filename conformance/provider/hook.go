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
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
)

// hook is an account with a webhook that leads here.
type hook struct {
	*inbox
	r        *runner
	account  string
	event    string         // that is sent
	endpoint map[string]any // what was chosen for it
}

// hooked registers a webhook in the dashboard, stops the account's clock, and lets an event be sent. Where that cannot be
// done, the finding says why.
func (r *runner) hooked(c *Check, answer func(http.ResponseWriter, *http.Request)) (*hook, finding, error) {
	switch {
	case r.listener == nil:
		return nil, finding{inconclusive: "nothing can be received: give --listen HOST:PORT, where the server's webhooks come to"}, nil
	case !r.mock:
		return nil, finding{inconclusive: "the server is no mock: its dashboard and its clock cannot be driven from here"}, nil
	}
	path := "/hooks/" + c.ID
	h := &hook{r: r, account: r.Key + "-" + strings.ReplaceAll(c.ID, "/", "-"), inbox: r.listener.open(path, answer)}
	done, err := r.register(h.account, r.listener.url+path)
	if err != nil {
		return nil, finding{}, err
	}
	call, _ := done.understood(r.Provider)
	set, err := done.op.Webhook(call.Scope())
	if err != nil {
		return nil, finding{}, err
	}
	h.endpoint = r.Provider.EndpointValues("e", set.URL, set.Switches)
	if err := h.control(http.MethodPost, "/clock", map[string]any{"frozen": true}, nil); err != nil {
		return nil, finding{}, err
	}
	return h, finding{}, h.send()
}

// send lets the first event be sent that the webhook takes.
func (h *hook) send() error {
	err := errors.New("the provider has no events")
	for _, event := range h.r.Provider.Events() {
		if err = h.control(http.MethodPost, "/send", map[string]any{"provider": h.r.Provider.Name, "event": event.Name}, nil); err == nil {
			h.event = event.Name
			return nil
		}
	}
	return err
}

// advance moves the account's clock; what was due on the way has happened then.
func (h *hook) advance(d time.Duration) error {
	return h.control(http.MethodPost, "/clock/advance", map[string]any{"by": fmt.Sprintf("%dms", d.Milliseconds())}, nil)
}

// control calls the mock's control API for the account.
func (h *hook) control(method, path string, body, into any) error {
	u, err := url.Parse(h.r.URL)
	if err != nil {
		return err
	}
	u.Path, u.RawQuery = "/_idmock/v1"+path, ""
	if !strings.HasPrefix(path, "/accounts/") { // which says by itself whose it is
		u.RawQuery = url.Values{"account": {h.account}}.Encode()
	}
	src, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		src = nil
	}
	request, err := http.NewRequestWithContext(h.r.ctx, method, u.String(), bytes.NewReader(src))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := h.r.client.Do(request)
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

// secret is the value of what signs.
func (h *hook) secret(s openapi.Signature) (string, error) {
	var account struct {
		Credentials map[string]map[string]string
	}
	err := h.control(http.MethodGet, "/accounts/"+url.PathEscape(h.account), nil, &account)
	return account.Credentials[h.r.Provider.Name][s.Secret], err
}

// shown writes down what came.
func shown(got []heard) []conformance.Exchange {
	var all []conformance.Exchange
	for i, d := range got {
		if i == 6 {
			break
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s\r\n", d.method)
		_ = d.header.Write(&b) // a builder takes everything
		all = append(all, conformance.Exchange{Note: fmt.Sprintf("webhook %d that came", i+1), Request: b.String() + "\r\n" + clip(string(d.body), 4<<10), Ended: d.at})
	}
	return all
}
