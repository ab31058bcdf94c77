package receiver

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/fake"
)

// send puts the variants of a shot on the wire, one after the other, and judges every reply.
func (p *play) send(s *Step) outcome {
	who, err := p.person(s.Send.Subject)
	if err != nil {
		return outcome{err: err}
	}
	about, err := p.mixed(who, s.Send.Reference)
	if err != nil {
		return outcome{err: err}
	}
	var took []time.Duration
	var classes []string
	for n, v := range s.Send.variants() {
		if _, has := p.conf.Roles[v.role]; !has || !p.signs(v.sign) { // of a list, what the provider has
			continue
		}
		v.began = p.began
		id := p.id(s.Send.ID, n)
		if v.Digits {
			id = p.number(s.Send.ID)
		}
		var r *request
		if v.Replay {
			if r = p.sent[s.Send.ID]; r == nil {
				return outcome{err: errors.New("there is nothing to replay")}
			}
			again := *r
			r = &again
		} else if r, err = p.build(v, about, id, p.wire); err != nil {
			return outcome{err: err}
		}
		if before := p.sent[v.HeadOf]; v.HeadOf != "" && before != nil {
			r.header = before.header
		}
		if v.path == "slash" {
			path, query, has := strings.Cut(r.target, "?")
			if r.target = strings.TrimSuffix(path, "/"); r.target == path {
				r.target += "/"
			}
			if has {
				r.target += "?" + query
			}
		}
		p.sent[s.Send.ID] = r
		if role := p.conf.Roles[v.role]; v.honest() {
			p.api.mu.Lock()
			who.state = role.Run
			p.api.mu.Unlock()
		}
		again := func() (*request, error) { return p.build(v, about, id, p.wire) }
		if v.Distinct {
			again = func() (*request, error) {
				p.mu.Lock()
				own := p.id("", len(p.ids))
				p.mu.Unlock()
				return p.build(v, about, own, p.wire)
			}
		}
		if v.Beside {
			p.side.Go(func() { p.exchange(r, v) })
			continue
		}
		replies, err := p.copies(r, v, again)
		if err != nil {
			return outcome{err: err}
		}
		for tries := 0; s.Retry && tries < 20 && !p.accept.Has(replies[0].status); tries++ {
			pause(100 * time.Millisecond)
			if r, err = again(); err != nil {
				return outcome{err: err}
			}
			replies = []reply{p.exchange(r, v)}
		}
		for _, one := range replies {
			if o := p.judge(s, r, one); o.wanted != "" || o.missing != "" || o.err != nil {
				if v.note != "" && o.got != "" {
					o.got += " (" + v.note + ")"
				}
				return o
			}
			took = append(took, one.took)
			classes = append(classes, strconv.Itoa(one.status/100)+"xx")
		}
	}
	if s.Same && len(slices.Compact(slices.Clone(classes))) > 1 {
		return wrong("the same answer in every order", "%s", strings.Join(classes, " and "))
	}
	if s.P95 != "" {
		limit, err := time.ParseDuration(s.P95)
		if err != nil {
			return outcome{err: err}
		}
		slices.Sort(took)
		if at := took[(len(took)*95+99)/100-1]; at > limit {
			return wrong(fmt.Sprintf("19 of 20 answers within %v", limit), "%v for the 95th percentile", at.Round(time.Millisecond))
		}
	}
	return fine
}

// honest reports whether the variant is what the provider itself would send by now, so that its API says the same.
func (v *variant) honest() bool {
	return v.HeadOf == "" && v.Reference == "" && slices.Contains([]string{"", "good", "several-one-good", "next", "both", "both-turn"}, v.sign) && v.tamper == "" && v.Happened == "" && !strings.HasPrefix(v.body, "not-")
}

// id is the id of an event; without a label every variant is an event of its own.
func (p *play) id(label string, n int) string {
	if label == "" {
		label = fmt.Sprintf("%d of %d", n, len(p.ids))
	}
	if p.ids[label] == "" {
		p.ids[label] = "msg_" + strings.ReplaceAll(fake.UUID(p.Profile.seed, p.nonce, p.check.ID, label, strconv.Itoa(len(p.ids))), "-", "")
	}
	return p.ids[label]
}

// number is an id of digits: a label's own is the next number, and all of a check become one where they are read as
// floats, which have steps of 128 there.
func (p *play) number(label string) string {
	key := "number " + label
	if p.ids[key] == "" {
		base := 900_000_000_000_000_000 + fake.Seed(p.Profile.seed, p.nonce, p.check.ID, "number")%90_000_000_000_000_000
		n := 0
		for have := range p.ids {
			if strings.HasPrefix(have, "number ") {
				n++
			}
		}
		p.ids[key] = strconv.FormatUint(base-base%128+uint64(n), 10)
	}
	return p.ids[key]
}

// copies sends a request as often as the variant says, together or one after the other.
func (p *play) copies(r *request, v *variant, again func() (*request, error)) ([]reply, error) {
	replies := make([]reply, v.copies)
	var all sync.WaitGroup
	for i := range replies {
		each := r
		if v.Distinct && i > 0 {
			var err error
			if each, err = again(); err != nil {
				return nil, err
			}
		}
		one := func() { replies[i] = p.trade(each, v) }
		if v.Together {
			all.Go(one)
		} else {
			one()
		}
	}
	all.Wait()
	for _, one := range replies { // in the order in which they were made, whichever was answered first
		p.keep(one.told)
	}
	return replies, nil
}

// exchange sends a request and keeps what came of it for the report.
func (p *play) exchange(r *request, v *variant) reply {
	got := p.trade(r, v)
	p.keep(got.told)
	return got
}

// trade sends a request and tells of it, for whoever keeps that.
func (p *play) trade(r *request, v *variant) reply {
	began := time.Now()
	got := p.carry(r, v)
	got.told = p.note(r, v.note, got, time.Since(began))
	return got
}

// carry sends a request in a way of its own, over a connection of its own, or over the one that the shot names.
func (p *play) carry(r *request, v *variant) reply {
	if way := ways[r.over]; way != nil {
		return way(p, r)
	}
	l, kept := p.lines[v.Conn], v.Conn != ""
	var made reply
	for again := true; again; {
		again = false
		if l == nil {
			var err error
			if l, err = p.wire.dial(p.ctx, nil); err != nil {
				made = reply{err: err, closed: true}
				break
			}
		}
		made = p.wire.exchange(p.ctx, l, r)
		// A kept connection may have been closed meanwhile, which is no fault: a client tries once more.
		if made.closed && l.use > 1 && made.raw == "" && made.err != nil {
			l.Close()
			l, again = nil, true
		}
	}
	switch {
	case kept && l != nil && made.err == nil && made.header.Get("Connection") != "close":
		p.lines[v.Conn] = l
	case l != nil:
		l.Close()
		if kept {
			delete(p.lines, v.Conn)
		}
	}
	return made
}

// note tells an exchange as a report does.
func (p *play) note(r *request, note string, got reply, took time.Duration) *conformance.Exchange {
	p.throttle.saw(got)
	e := &conformance.Exchange{Note: note, Request: r.told(), Curl: r.curl(p.wire), Response: clip(p.hide.Text(got.raw), 4<<10), Status: got.status, Took: took, Ended: time.Now()}
	if got.err != nil {
		e.Error = got.err.Error()
	}
	return e
}

// keep keeps an exchange for the report; of very many, the first and the last.
func (p *play) keep(e *conformance.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	const most = 12
	if len(p.exchanges) >= most {
		p.exchanges = append(p.exchanges[:most/2], p.exchanges[most/2+1:]...)
	}
	p.exchanges = append(p.exchanges, e)
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + fmt.Sprintf("… (%d bytes in all)", len(s))
	}
	return s
}

// told are the exchanges as far as they are known.
func (p *play) told() []conformance.Exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []conformance.Exchange
	for _, e := range p.exchanges {
		all = append(all, *e)
	}
	return all
}
