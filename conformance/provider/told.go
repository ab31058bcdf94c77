package provider

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/openapi"
)

// id is where a webhook has a name of its own: "header NAME", or a place in its body; empty where it has none.
func (r *runner) id() string {
	if known := r.Provider.Conformance(); known != nil && known.ID != "" {
		return known.ID
	}
	if name := r.Provider.Signature(nil).IDHeader(); name != "" {
		return "header " + name
	}
	return ""
}

// at is what stands at such a place.
func (d heard) at(place string) string {
	if name, header := strings.CutPrefix(place, "header "); header {
		return d.header.Get(name)
	}
	value, _ := openapi.Pointer(d.body, place)
	return fmt.Sprint(value)
}

// seconds are Unix times in a header, alone or after t=.
var seconds = regexp.MustCompile(`(?:^|\bt=)([0-9]{10})\b`)

// stamps are the times that a webhook's headers tell.
func (d heard) stamps() []time.Time {
	var all []time.Time
	for _, values := range d.header {
		for _, value := range values {
			for _, found := range seconds.FindAllStringSubmatch(value, -1) {
				if n, err := strconv.ParseInt(found[1], 10, 64); err == nil {
					all = append(all, time.Unix(n, 0))
				}
			}
		}
	}
	return all
}

// fresh: each attempt carries the time at which it is made. Time has to pass for that to be seen.
func fresh(r *runner, c *Check) (finding, error) {
	const apart, second = 2200 * time.Millisecond, time.Second
	if !r.Provider.Signature(nil).CoversTime() || len(r.Provider.Retry()) == 0 {
		return finding{lacks: c.Lacks}, nil
	}
	asked := []time.Time{time.Now()} // for the attempt; a busy machine may be late
	h, found, err := r.hooked(c, always(http.StatusInternalServerError))
	if h == nil || err != nil {
		return found, err
	}
	if err := h.advance(time.Millisecond); err != nil {
		return found, err
	}
	pause := time.NewTimer(apart)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-r.ctx.Done():
		return found, r.ctx.Err()
	}
	_, latest := r.bounds(1)
	asked = append(asked, time.Now())
	if err := h.advance(latest + 100*time.Millisecond); err != nil {
		return found, err
	}
	got := h.all()
	if len(got) < 2 {
		return finding{inconclusive: "nothing was sent again"}, nil
	}
	for i, d := range got[:2] {
		wanted := fmt.Sprintf("the time of attempt %d in its headers, from %d to %d", i+1, asked[i].Unix(), d.came.Unix())
		stamps := d.stamps()
		if len(stamps) == 0 {
			return finding{wanted: wanted, got: "none", exchanges: shown(got)}, nil
		}
		for _, stamp := range stamps {
			if stamp.Before(asked[i].Add(-second)) || stamp.After(d.came.Add(second)) {
				return finding{wanted: wanted, got: fmt.Sprint(stamp.Unix()), exchanges: shown(got)}, nil
			}
		}
	}
	return finding{}, nil
}

// ordered: a webhook tells when it happened, so that the newer of two is known.
func ordered(r *runner, c *Check) (finding, error) {
	known := r.Provider.Conformance()
	if known == nil || known.Happened == "" {
		return finding{lacks: c.Lacks}, nil
	}
	h, found, err := r.hooked(c, always(http.StatusOK))
	if h == nil || err != nil {
		return found, err
	}
	for i := range 2 {
		if i > 0 {
			if err := h.send(); err != nil {
				return found, err
			}
		}
		if err := h.advance(10 * time.Second); err != nil {
			return found, err
		}
	}
	got := h.all()
	if len(got) != 2 {
		return finding{inconclusive: fmt.Sprintf("%d of two events came", len(got))}, nil
	}
	var when [2]float64
	for i, d := range got {
		value, _ := openapi.Pointer(d.body, known.Happened)
		at, ok := moment(value)
		if when[i] = at; !ok {
			return finding{wanted: "a time at " + known.Happened, got: fmt.Sprint(value), exchanges: shown(got)}, nil
		}
	}
	if when[1] <= when[0] {
		return finding{wanted: "a later time at " + known.Happened + " in what happened ten seconds later", got: fmt.Sprintf("%s after %s", got[1].at(known.Happened), got[0].at(known.Happened)), exchanges: shown(got)}, nil
	}
	return finding{}, nil
}

// moment reads a time, or a number that counts up.
func moment(value any) (float64, bool) {
	text := fmt.Sprint(value)
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return float64(at.UnixNano()), true
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && value != nil
}

// testMode: an event of the sandbox says that it is one.
func testMode(r *runner, c *Check) (finding, error) {
	known := r.Provider.Conformance()
	if known == nil || known.Mode == "" {
		return finding{lacks: c.Lacks}, nil
	}
	var said [2]string
	var both []heard
	for i, prefix := range []string{"", "test_"} {
		account := prefix + r.account(c)
		if r.Provider.Sandbox(account) != (i == 1) {
			return finding{inconclusive: "no key is known that is of the sandbox, or none that is not"}, nil
		}
		h, found, err := r.hook(account, fmt.Sprint(c.ID, "/", i), always(http.StatusOK))
		if h == nil || err != nil {
			return found, err
		}
		if err := h.advance(time.Millisecond); err != nil {
			return found, err
		}
		got := h.all()
		if len(got) == 0 {
			return finding{inconclusive: "nothing came"}, nil
		}
		value, ok := openapi.Pointer(got[0].body, known.Mode)
		if !ok {
			return finding{wanted: "at " + known.Mode + " whether it is of the sandbox", got: "nothing there", exchanges: shown(got)}, nil
		}
		said[i], both = fmt.Sprint(value), append(both, got[0])
	}
	if said[0] == said[1] {
		return finding{wanted: "at " + known.Mode + " something else in the sandbox than outside", got: said[0] + " in both", exchanges: shown(both)}, nil
	}
	return finding{}, nil
}

// resent: what was sent is sent once more when that is asked for, and can be told from a second event.
func resent(r *runner, c *Check) (finding, error) {
	asking, err := r.screens(openapi.DashboardResend)
	if err != nil || len(asking) == 0 {
		return finding{lacks: c.Lacks}, err
	}
	h, found, err := r.hooked(c, always(http.StatusOK))
	if h == nil || err != nil {
		return found, err
	}
	if err := h.advance(time.Millisecond); err != nil {
		return found, err
	}
	got := h.all()
	if len(got) != 1 || r.id() == "" {
		return finding{inconclusive: "nothing came that has an id to ask for it by"}, nil
	}
	id := got[0].at(r.id())
	m, err := r.documented(asking[0], h.account)
	if err != nil {
		return found, err
	}
	m = m.in(asking[0], id)
	s := sent{m, r.send(m)}
	if s.got.err != nil || s.got.status >= 300 {
		found, _ = s.finding("that "+id+" is sent once more", status(s.got))
		return found, s.got.err
	}
	if err := h.advance(time.Millisecond); err != nil {
		return found, err
	}
	got = h.all()
	if len(got) != 2 || got[1].at(r.id()) != id {
		return finding{wanted: "the event once more, under its id " + id, got: fmt.Sprintf("%d requests, the last of %s", len(got), got[len(got)-1].at(r.id())), exchanges: shown(got)}, nil
	}
	return finding{}, nil
}
