package provider

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/idmock/idmock/openapi/signing"
)

// long is longer than any schedule.
const long = 60 * 24 * time.Hour

// received lets one event be sent, takes it, and judges what came.
func received(look func(h *hook, d heard) (wanted, is string, err error)) func(*runner, *Check) (finding, error) {
	return func(r *runner, c *Check) (finding, error) {
		h, found, err := r.hooked(c, always(http.StatusOK))
		if h == nil || err != nil {
			return found, err
		}
		if err := h.advance(time.Millisecond); err != nil {
			return found, err
		}
		got := h.all()
		if len(got) == 0 {
			return finding{wanted: "the event " + h.event, got: "nothing, although the webhook is registered"}, nil
		}
		found.wanted, found.got, err = look(h, got[0])
		if found.got == "" && found.wanted == notSigned {
			return finding{lacks: c.Lacks}, err
		}
		found.exchanges = shown(got)
		return found, err
	}
}

func arrived(h *hook, d heard) (string, string, error) {
	if want := h.r.Provider.WebhookMethod(); d.method != want {
		return want, d.method, nil
	}
	return "", "", nil
}

func webhookType(_ *hook, d heard) (string, string, error) {
	if kind, _, err := mime.ParseMediaType(d.header.Get("Content-Type")); err != nil || kind != "application/json" {
		return "Content-Type application/json", fmt.Sprintf("Content-Type %q", d.header.Get("Content-Type")), nil
	}
	return "", "", nil
}

func payload(h *hook, d heard) (string, string, error) {
	if err := h.r.Provider.CheckEvent(h.event, d.body); err != nil {
		return "a body that the webhook's schema takes", err.Error(), nil
	}
	return "", "", nil
}

// notSigned stands for what is wanted where the provider signs nothing.
const notSigned = "nothing"

// signed looks for a header that proves who sends, perhaps after a word such as Bearer.
func signed(h *hook, d heard) (string, string, error) {
	s := h.r.Provider.Signature(h.endpoint)
	if !s.Signs() {
		return notSigned, "", nil
	}
	secret, err := h.secret(s)
	if err != nil {
		return "", "", err
	}
	// What else is signed stands in other headers: the delivery's id in any, the time as a number.
	var texts []string
	for _, values := range d.header {
		texts = append(texts, values...)
	}
	times := append(d.stamps(), time.Now())
	for _, value := range texts {
		_, after, _ := strings.Cut(value, " ")
		for _, text := range []string{value, after} {
			for _, id := range texts {
				for _, sent := range times {
					if text != "" && s.Verify([]byte(secret), text, signing.Message{ID: id, Body: d.body, Sent: sent}, time.Now()) == nil {
						return "", "", nil
					}
				}
			}
		}
	}
	return "a header with the signature by " + s.Scheme + " over these bytes", "none that is right", nil
}

// refusing answers 500 and lets all attempts of one event come, and judges them.
func refusing(look func(h *hook, c *Check) (finding, error)) func(*runner, *Check) (finding, error) {
	return func(r *runner, c *Check) (finding, error) {
		h, found, err := r.hooked(c, always(http.StatusInternalServerError))
		if h == nil || err != nil {
			return found, err
		}
		if err := h.advance(time.Millisecond); err != nil {
			return found, err
		}
		found, err = look(h, c)
		found.exchanges = shown(h.all())
		return found, err
	}
}

// schedule: just before a further attempt is due there is none, and then there is.
func schedule(h *hook, c *Check) (finding, error) {
	const near = 50 * time.Millisecond
	var at time.Duration
	for i := range h.r.Provider.Retry() {
		soonest, latest := h.r.bounds(i + 1)
		if soonest-near < at {
			break // what may have come sooner or later so far leaves nothing to say of when the next is due
		}
		for step, to := range []time.Duration{soonest - near, latest + near} {
			count := i + 1 + step
			if err := h.advance(to - at); err != nil {
				return finding{}, err
			}
			at = to
			if n := len(h.all()); n != count {
				return finding{wanted: fmt.Sprintf("%d attempts %v after the first", count, to), got: fmt.Sprint(n)}, nil
			}
		}
	}
	if at == 0 {
		return finding{lacks: c.Lacks}, nil
	}
	return finding{}, nil
}

func givesUp(h *hook, _ *Check) (finding, error) {
	err := h.advance(long)
	if n, want := len(h.all()), 1+len(h.r.Provider.Retry()); n != want && err == nil {
		return finding{wanted: fmt.Sprintf("%d attempts in all", want), got: fmt.Sprint(n)}, nil
	}
	return finding{}, err
}

// recognisable: what is sent again can be told from a second event, by its id or else by its bytes.
func recognisable(h *hook, c *Check) (finding, error) {
	if err := h.advance(long); err != nil {
		return finding{}, err
	}
	place := h.r.id()
	got := h.all()
	if len(h.r.Provider.Retry()) == 0 {
		return finding{lacks: c.Lacks}, nil
	}
	if len(got) < 2 {
		return finding{inconclusive: "nothing was sent again"}, nil
	}
	for _, d := range got[1:] {
		if place != "" && d.at(place) != got[0].at(place) {
			return finding{wanted: "the same id at " + place + " each time: " + got[0].at(place), got: d.at(place)}, nil
		}
		if place == "" && !bytes.Equal(d.body, got[0].body) {
			return finding{wanted: "the same bytes each time, since there is no id", got: "others: " + clip(string(d.body), 160)}, nil
		}
	}
	return finding{}, nil
}

// once: what was received is not sent again.
func once(r *runner, c *Check) (finding, error) {
	h, found, err := r.hooked(c, always(http.StatusOK))
	if h == nil || err != nil {
		return found, err
	}
	if err = h.advance(long); err != nil {
		return found, err
	}
	switch n := len(h.all()); n {
	case 1:
		return finding{}, nil
	default:
		return finding{wanted: "one attempt, which was answered 200", got: fmt.Sprint(n), exchanges: shown(h.all())}, nil
	}
}

// redirect: no redirect is followed.
func redirect(r *runner, c *Check) (finding, error) {
	const elsewhere = "/elsewhere"
	var other *inbox
	if r.listener != nil {
		other = r.listener.open(elsewhere, always(http.StatusOK))
	}
	h, found, err := r.hooked(c, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", r.listener.url+elsewhere)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	if h == nil || err != nil {
		return found, err
	}
	if err := h.advance(time.Millisecond); err != nil {
		return found, err
	}
	if len(h.all()) == 0 {
		return finding{inconclusive: "nothing came that could be redirected"}, nil
	}
	if got := other.all(); len(got) > 0 {
		return finding{wanted: "no further request after a redirect", got: "one to where the redirect led", exchanges: shown(got)}, nil
	}
	return finding{}, nil
}

// timeout: the provider hangs up when its time is over, and not before.
func timeout(r *runner, c *Check) (finding, error) {
	limit := r.Provider.Timeout()
	const slack = 2 * time.Second // a busy machine hangs up late, too
	took := make(chan time.Duration, 10)
	h, found, err := r.hooked(c, func(w http.ResponseWriter, request *http.Request) {
		began := time.Now()
		late := time.NewTimer(limit + slack)
		defer late.Stop()
		select {
		case <-request.Context().Done():
		case <-late.C:
		}
		took <- time.Since(began)
	})
	if h == nil || err != nil {
		return found, err
	}
	late := time.NewTimer(limit + 3*slack)
	defer late.Stop()
	select {
	case d := <-took:
		wanted := fmt.Sprintf("that it hangs up after %v", limit)
		if d >= limit+slack {
			return finding{wanted: wanted, got: "that it still waited"}, nil
		}
		if d < limit-slack {
			return finding{wanted: wanted, got: fmt.Sprintf("that it hung up after %v", d.Round(time.Millisecond))}, nil
		}
		return finding{}, nil
	case <-late.C:
		return finding{inconclusive: "nothing came that could be kept waiting"}, nil
	case <-r.ctx.Done():
		return finding{}, r.ctx.Err()
	}
}
