package provider

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi/signing"
)

// hook is an account with a webhook that leads here.
type hook struct {
	*inbox
	r        *runner
	account  string
	url      string         // that is registered
	made     sent           // the call that registered it; none where the provider has no dashboard
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
	return r.hook(r.account(c), c.ID, answer)
}

// account is the key of an account of a check's own.
func (r *runner) account(c *Check) string { return r.Key + "-" + strings.ReplaceAll(c.ID, "/", "-") }

// hook is hooked for an account and a path of the caller's choice.
func (r *runner) hook(account, path string, answer func(http.ResponseWriter, *http.Request)) (*hook, finding, error) {
	path = "/hooks/" + path
	h := &hook{r: r, account: account, url: r.listener.url + path, inbox: r.listener.open(path, answer)}
	made, err := r.register(h.account, h.url)
	switch {
	case errors.Is(err, errNoDashboard): // what is sent can be judged all the same
		h.endpoint = r.Provider.EndpointValues("e", h.url, nil)
		err = h.control(http.MethodPost, "/endpoints", map[string]any{"provider": r.Provider.Name, "url": h.url}, nil)
	case errors.Is(err, errRefused) && !r.local:
		return nil, finding{inconclusive: fmt.Sprintf("%v: give --listen-url with a name that the server calls, which leads here", err)}, nil
	case err == nil:
		call, _ := made.understood(r.Provider)
		set, failed := made.op.Webhook(call.Scope())
		h.made, h.endpoint, err = made, r.Provider.EndpointValues("e", set.URL, set.Switches), failed
	}
	if err == nil {
		err = r.freeze(h.account)
	}
	if err != nil {
		return nil, finding{}, err
	}
	return h, finding{}, h.send()
}

// send lets the first event be sent that the webhook takes.
func (h *hook) send() (err error) {
	h.event, err = h.r.sendEvent(h.account)
	return err
}

// advance moves the account's clock; what was due on the way has happened then.
func (h *hook) advance(d time.Duration) error {
	return h.control(http.MethodPost, "/clock/advance", map[string]any{"by": fmt.Sprintf("%dms", d.Milliseconds())}, nil)
}

// control calls the mock's control API for the account.
func (h *hook) control(method, path string, body, into any) error {
	return h.r.control(h.account, method, path, body, into)
}

// secret is the value of what signs.
func (h *hook) secret(s signing.Config) (string, error) { return h.r.secret(h.account, s) }

func (r *runner) secret(name string, s signing.Config) (string, error) {
	var account struct {
		Credentials map[string]map[string]string
	}
	err := r.control(name, http.MethodGet, "/accounts/"+url.PathEscape(name), nil, &account)
	return account.Credentials[r.Provider.Name][s.Secret], err
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
		all = append(all, conformance.Exchange{Note: fmt.Sprintf("webhook %d that came", i+1), Request: b.String() + "\r\n" + clip(string(d.body), 4<<10), Ended: d.came})
	}
	return all
}
