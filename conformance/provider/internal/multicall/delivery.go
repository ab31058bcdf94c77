package multicall

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/conformance/provider/internal/inbox"
	"github.com/idmock/idmock/conformance/provider/internal/session"
	"github.com/idmock/idmock/openapi/signing"
)

// instant is long enough for everything that is due to happen on a frozen clock.
const instant = time.Millisecond

// received returns the finding that the deliveries of a webhook are not as expected.
func received(w *session.Webhook, expected, got string) (Finding, error) {
	return Finding{Expected: expected, Got: got, Exchanges: inbox.Exchanges(w.Deliveries())}, nil
}

// delivered sends an event and evaluates the first delivery. expected is empty if it is right.
func delivered(evaluate func(w *session.Webhook, d inbox.Delivery) (expected, got string)) check {
	return func(ctx context.Context, s *session.Session, c Case) (Finding, error) {
		w, d, err := firstDelivery(ctx, s, c)
		if err != nil {
			return Finding{}, err
		}
		if d == nil {
			return Finding{Expected: "the event " + w.Event, Got: "no webhook, although it is registered"}, nil
		}
		if expected, got := evaluate(w, *d); expected != "" {
			return received(w, expected, got)
		}
		return Finding{Exchanges: inbox.Exchanges(w.Deliveries())}, nil
	}
}

// firstDelivery registers a webhook and returns its first delivery, or nil if there is none.
func firstDelivery(ctx context.Context, s *session.Session, c Case) (*session.Webhook, *inbox.Delivery, error) {
	w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusOK))
	if err != nil {
		return nil, nil, err
	}
	if err := w.Deliver(ctx); err != nil {
		return nil, nil, err
	}
	deliveries := w.Deliveries()
	if len(deliveries) == 0 {
		return w, nil, nil
	}
	return w, &deliveries[0], nil
}

func method(w *session.Webhook, d inbox.Delivery) (string, string) {
	if want := w.Provider().Webhooks().Method(); d.Method != want {
		return want, d.Method
	}
	return "", ""
}

func contentType(_ *session.Webhook, d inbox.Delivery) (string, string) {
	value := d.Header.Get("Content-Type")
	if kind, _, err := mime.ParseMediaType(value); err != nil || kind != "application/json" {
		return "Content-Type application/json", fmt.Sprintf("Content-Type %q", value)
	}
	return "", ""
}

func payload(w *session.Webhook, d inbox.Delivery) (string, string) {
	if err := w.Provider().Webhooks().Validate(w.Event, d.Body); err != nil {
		return "a body that is valid by the webhook's schema", err.Error()
	}
	return "", ""
}

// signature requires a header with a valid signature, alone or after a word such as Bearer.
func signature(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	w, d, err := firstDelivery(ctx, s, c)
	if err != nil {
		return Finding{}, err
	}
	if d == nil {
		return Finding{Expected: "the event " + w.Event, Got: "no webhook, although it is registered"}, nil
	}
	config := s.Provider.Webhooks().Signature(w.Endpoint)
	if !config.Signs() {
		return c.notApplicable()
	}
	secret, err := w.Secret(ctx, config)
	if err != nil {
		return Finding{}, err
	}
	if verifies(config, []byte(secret), *d) {
		return Finding{Exchanges: inbox.Exchanges(w.Deliveries())}, nil
	}
	return received(w, "a header with the signature by "+config.Scheme+" over these bytes", "no valid signature")
}

// verifies reports whether any header holds a valid signature. Schemes also sign values of other headers: an ID, and a time.
func verifies(config signing.Config, secret []byte, d inbox.Delivery) bool {
	var values []string
	for _, header := range d.Header {
		values = append(values, header...)
	}
	times := append(d.Timestamps(), time.Now())
	for _, value := range values {
		_, after, _ := strings.Cut(value, " ")
		for _, text := range []string{value, after} {
			for _, id := range values {
				for _, sent := range times {
					if text != "" && config.Verify(secret, text, signing.Message{ID: id, Body: d.Body, Sent: sent}, time.Now()) == nil {
						return true
					}
				}
			}
		}
	}
	return false
}

// redirect requires that the provider does not follow redirects, unless it documents that it does.
func redirect(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	const elsewhere = "/elsewhere"
	var other *inbox.Inbox
	if s.Listener != nil {
		other = s.Listener.Open(elsewhere, inbox.Status(http.StatusOK))
	}
	w, err := s.Subscribe(ctx, c.ID, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", s.Listener.URL+elsewhere)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	if err != nil {
		return Finding{}, err
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	if len(w.Deliveries()) == 0 {
		return Finding{Inconclusive: "no webhook was received to redirect"}, nil
	}
	if w.Policy().FollowsRedirects() {
		return Finding{NotApplicable: "the provider documents that it follows redirects"}, nil
	}
	if deliveries := other.Deliveries(); len(deliveries) > 0 {
		return Finding{Expected: "no request after a redirect", Got: "a request to the redirect's location", Exchanges: inbox.Exchanges(deliveries)}, nil
	}
	return Finding{}, nil
}

// redirectToPrivate requires that no response sends a webhook to a loopback address.
func redirectToPrivate(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	tripwire, err := inbox.NewTripwire()
	if err != nil {
		return Finding{}, err
	}
	defer tripwire.Close()
	statuses := []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect, http.StatusOK}
	var n atomic.Int32
	w, err := s.Subscribe(ctx, c.ID, func(w http.ResponseWriter, _ *http.Request) {
		location := "http://127.0.0.1:" + tripwire.Port + "/"
		w.Header().Set("Location", location)
		w.Header().Set("Refresh", "0; url="+location)
		w.WriteHeader(statuses[int(n.Add(1)-1)%len(statuses)])
	})
	if err != nil {
		return Finding{}, err
	}
	for i := range statuses {
		if i > 0 {
			if err := w.Send(ctx); err != nil {
				return Finding{}, err
			}
		}
		if err := w.Deliver(ctx); err != nil {
			return Finding{}, err
		}
		if s.Local && w.Policy().FollowsRedirects() {
			return Finding{NotApplicable: "the server may call this machine, and the provider documents that it follows redirects"}, nil
		}
		if connections := tripwire.Connections(); len(connections) > 0 {
			return Finding{Expected: "no redirect to 127.0.0.1 to be followed", Got: connections[0].Note, Exchanges: connections}, nil
		}
	}
	if n := len(w.Deliveries()); n < len(statuses) {
		return Finding{Inconclusive: fmt.Sprintf("only %d of %d events were received to redirect", n, len(statuses))}, nil
	}
	return Finding{}, nil
}

// timeout requires that the provider disconnects at its timeout, and not before.
func timeout(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	limit := s.Provider.Webhooks().Timeout()
	const slack, patience = 2 * time.Second, 10 * time.Second // busy machines see a webhook and its end late
	durations := make(chan time.Duration, 10)
	_, err := s.Subscribe(ctx, c.ID, func(_ http.ResponseWriter, request *http.Request) {
		began := time.Now()
		late := time.NewTimer(limit + patience)
		defer late.Stop()
		select {
		case <-request.Context().Done():
		case <-late.C:
		}
		durations <- time.Since(began)
	})
	if err != nil {
		return Finding{}, err
	}
	late := time.NewTimer(limit + 2*patience)
	defer late.Stop()
	select {
	case d := <-durations:
		expected := fmt.Sprintf("a disconnect after %v", limit)
		if d >= limit+patience {
			return Finding{Expected: expected, Got: "still connected"}, nil
		}
		if d < limit-slack {
			return Finding{Expected: expected, Got: fmt.Sprintf("a disconnect after %v", d.Round(time.Millisecond))}, nil
		}
		return Finding{}, nil
	case <-late.C:
		return Finding{Inconclusive: "no webhook was received to delay"}, nil
	case <-ctx.Done():
		return Finding{}, ctx.Err()
	}
}
