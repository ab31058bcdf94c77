package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

// unknownEvent: where events are chosen, one that there is not cannot be.
func unknownEvent(r *runner, c *Check) (finding, error) {
	const nosuch = "no.such.event"
	m, err := r.registering(r.account(c), r.scheme()+"://"+public+"/hooks")
	if errors.Is(err, errNoDashboard) {
		return finding{lacks: c.Lacks}, nil
	}
	if err != nil {
		return finding{}, err
	}
	if reason, err := r.ordinary(c); err != nil || reason != "" {
		return finding{inconclusive: reason}, err
	}
	call, _ := m.understood(r.Provider)
	fields, _ := call.Body.(map[string]any)
	for name := range fields {
		changed := maps.Clone(fields)
		changed[name] = []any{nosuch}
		scope := call.Scope()
		scope.Body = changed
		if made, err := m.op.Webhook(scope); err != nil || !slices.Equal(made.Events, []string{nosuch}) {
			continue
		}
		if m.body, err = json.Marshal(changed); err != nil {
			return finding{}, err
		}
		s := sent{m, r.send(m)}
		if s.got.err != nil || s.rejected() {
			return finding{}, s.got.err
		}
		return s.finding("that an event that there is not is refused", status(s.got))
	}
	return finding{lacks: c.Lacks}, nil
}

// duplicate: a URL that is registered twice is refused the second time, or gets each event once all the same.
func duplicate(r *runner, c *Check) (finding, error) {
	if r.Provider.Registration().Duplicates != "" {
		return finding{lacks: "the provider keeps two webhooks to one URL, and sends to each"}, nil
	}
	h, found, err := r.hooked(c, always(http.StatusOK))
	if h == nil || err != nil {
		return found, err
	}
	if h.made.message == nil {
		return finding{lacks: c.Lacks}, nil
	}
	if err := h.advance(time.Millisecond); err != nil {
		return found, err
	}
	before := len(h.all())
	if _, err := r.register(h.account, h.url); err != nil && !errors.Is(err, errRefused) {
		return found, err
	}
	if err := h.send(); err != nil {
		return found, err
	}
	if err := h.advance(time.Millisecond); err != nil {
		return found, err
	}
	if n := len(h.all()) - before; n != 1 {
		return finding{wanted: "one request an event, although its URL was registered twice", got: fmt.Sprint(n), exchanges: shown(h.all())}, nil
	}
	return finding{}, nil
}

// removed: a webhook that is taken away gets nothing more: neither what was to be sent again nor what happens then.
func removed(r *runner, c *Check) (finding, error) {
	h, found, err := r.hooked(c, always(http.StatusInternalServerError))
	if h == nil || err != nil {
		return found, err
	}
	if h.made.message == nil {
		return finding{lacks: c.Lacks}, nil
	}
	if err := h.advance(time.Millisecond); err != nil {
		return found, err
	}
	before := len(h.all())
	if before == 0 {
		return finding{inconclusive: "nothing came while it was registered"}, nil
	}
	gone, err := h.takeAway()
	if err != nil {
		return found, err
	}
	if gone.got == nil || gone.rejected() {
		return finding{inconclusive: "the dashboard takes no webhook away"}, nil
	}
	// That there is nobody left to send to may be said, or not.
	_, _ = r.sendEvent(h.account)
	if err := h.advance(long); err != nil {
		return found, err
	}
	if n := len(h.all()) - before; n > 0 {
		return finding{wanted: "nothing more once the webhook is taken away", got: fmt.Sprintf("%d more", n), exchanges: shown(h.all())}, nil
	}
	return finding{}, nil
}

// takeAway takes the webhook away, as people do in the dashboard: by its button, or by saving an empty URL.
func (h *hook) takeAway() (sent, error) {
	removing, err := h.r.screens(openapi.DashboardRemove)
	for _, op := range removing {
		asked, ok, err := h.r.about(op, h.account, h.made)
		if err != nil || ok {
			return asked, err
		}
	}
	if err != nil || h.made.op.DashboardVerb() != openapi.DashboardUpdate {
		return sent{}, err
	}
	m, err := h.r.registering(h.account, "")
	if err != nil {
		return sent{}, err
	}
	s := sent{m, h.r.send(m)}
	return s, s.got.err
}

// isolated: what happens in an account is told to its own webhook alone, and nobody else sees or changes that.
func isolated(r *runner, c *Check) (finding, error) {
	mine, found, err := r.hooked(c, always(http.StatusOK))
	if mine == nil || err != nil {
		return found, err
	}
	if mine.made.message == nil {
		return finding{lacks: c.Lacks}, nil
	}
	account := r.OtherKey + "-reg-tenant-isolation"
	theirs, found, err := r.hook(account, c.ID+"/other", always(http.StatusOK))
	if theirs == nil || err != nil {
		return found, err
	}
	touching, err := r.screens(openapi.DashboardRead, openapi.DashboardUpdate, openapi.DashboardRemove)
	if err != nil {
		return found, err
	}
	for _, op := range touching {
		if _, _, named := op.DashboardID(&template.Scope{}); !named {
			continue // it is about the caller's own
		}
		asked, ok, err := r.about(op, account, mine.made)
		if err != nil {
			return found, err
		}
		if ok && asked.got.status < 300 {
			return asked.finding("that nobody else's webhook is there", asked.name()+" with another key: "+status(asked.got))
		}
	}
	for _, h := range []*hook{mine, theirs} {
		if err := h.advance(time.Millisecond); err != nil {
			return found, err
		}
	}
	before := len(theirs.all())
	if err := mine.send(); err != nil {
		return found, err
	}
	if err := mine.advance(time.Millisecond); err != nil {
		return found, err
	}
	switch own, other := len(mine.all()), len(theirs.all())-before; {
	case other > 0:
		return finding{wanted: "an account's events at its own webhook alone", got: fmt.Sprintf("%d at that of another", other), exchanges: shown(theirs.all())}, nil
	case own != 2:
		return finding{wanted: "an account's two events at its own webhook", got: fmt.Sprintf("%d there", own), exchanges: shown(mine.all())}, nil
	}
	return finding{}, nil
}

// secretOnce: the secret of a webhook is in the answer to its registration, and nowhere else.
func secretOnce(r *runner, c *Check) (finding, error) {
	at := r.Provider.Registration().Secret
	if at == "" {
		return finding{lacks: c.Lacks}, nil
	}
	if reason, err := r.ordinary(c); err != nil || reason != "" {
		return finding{inconclusive: reason}, err
	}
	account := r.account(c)
	made, err := r.register(account, r.scheme()+"://"+public+"/hooks")
	if err != nil {
		return finding{}, err
	}
	value, _ := openapi.Pointer(made.got.body, at)
	secret, _ := value.(string)
	if secret == "" {
		return made.finding("a secret at "+at, "none there")
	}
	reading, err := r.screens(openapi.DashboardRead, openapi.DashboardList)
	if err != nil {
		return finding{}, err
	}
	for _, op := range reading {
		asked, ok, err := r.about(op, account, made)
		if err != nil {
			return finding{}, err
		}
		if ok && bytes.Contains(asked.got.body, []byte(secret)) {
			return asked.finding("an answer without the secret, which was told once", asked.name()+" with the secret in it")
		}
	}
	return finding{}, nil
}

// strong: what is signed with cannot be guessed.
func strong(r *runner, c *Check) (finding, error) {
	if !r.mock {
		return finding{inconclusive: "the server is no mock: what it signs with cannot be asked for"}, nil
	}
	const least = 24
	signature := r.Provider.Signature(nil)
	if !signature.Signs() {
		return finding{lacks: c.Lacks}, nil
	}
	var secrets []string
	for _, account := range []string{r.account(c), r.OtherKey + "-reg-secret-strength"} {
		if err := r.freeze(account); err != nil { // an account is there once something was said of it
			return finding{}, err
		}
		secret, err := r.secret(account, signature)
		if err != nil {
			return finding{}, err
		}
		key, err := signature.Key([]byte(secret))
		if err != nil {
			return finding{wanted: "a secret that can be signed with", got: err.Error()}, nil
		}
		if len(key) < least {
			return finding{wanted: fmt.Sprintf("a secret of at least %d bytes", least), got: fmt.Sprintf("one of %d", len(key))}, nil
		}
		secrets = append(secrets, secret)
	}
	if secrets[0] == secrets[1] {
		return finding{wanted: "a secret for each account", got: "one for both"}, nil
	}
	return finding{}, nil
}

// redirectToPrivate: whatever a receiver answers, it leads no webhook to where none may go.
func redirectToPrivate(r *runner, c *Check) (finding, error) {
	t, err := setTrap()
	if err != nil {
		return finding{}, err
	}
	defer t.close()
	ways := []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect, http.StatusOK}
	var n atomic.Int32
	h, found, err := r.hooked(c, func(w http.ResponseWriter, _ *http.Request) {
		to := "http://127.0.0.1:" + t.port + "/"
		w.Header().Set("Location", to)
		w.Header().Set("Refresh", "0; url="+to)
		w.WriteHeader(ways[int(n.Add(1)-1)%len(ways)])
	})
	if h == nil || err != nil {
		return found, err
	}
	for i := range ways {
		if i > 0 {
			if err := h.send(); err != nil {
				return found, err
			}
		}
		if err := h.advance(time.Millisecond); err != nil {
			return found, err
		}
		if caught := t.got(); len(caught) > 0 {
			return finding{wanted: "that nobody follows a redirect to 127.0.0.1", got: caught[0].Note, exchanges: caught}, nil
		}
	}
	if len(h.all()) < len(ways) {
		return finding{inconclusive: fmt.Sprintf("%d of %d events came that could be redirected", len(h.all()), len(ways))}, nil
	}
	return finding{}, nil
}
