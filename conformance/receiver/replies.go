package receiver

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// judge compares a reply with what is wanted, and marks the exchange that was not so.
func (p *play) judge(s *Step, r *request, got reply) outcome {
	o := p.compare(s, r, got)
	if o.wanted != "" && got.told != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		if got.told.Wanted = o.wanted; !slices.Contains(p.exchanges, got.told) { // one of very many
			p.exchanges = append(p.exchanges, got.told)
		}
	}
	return o
}

func (p *play) compare(s *Step, r *request, got reply) outcome {
	if got.missing != "" {
		return outcome{missing: got.missing}
	}
	if o := p.status(s.Want, got); o.wanted != "" || o.missing != "" {
		return o
	}
	if s.Header != "" && got.header.Get(s.Header) == "" {
		return wrong("a "+s.Header+" header", "status %d without one", got.status)
	}
	if s.Allow && got.status == http.StatusMethodNotAllowed && got.header.Get("Allow") == "" {
		return wrong("an Allow header with the 405", "status 405 without one")
	}
	if s.Clean {
		if leak := p.leak(r, got); leak != "" {
			return wrong("an answer that gives nothing away", "%s", leak)
		}
	}
	if s.Small && len(got.body) > 20<<10 {
		return wrong("at most 20 kB of an answer", "%d bytes", len(got.body))
	}
	return fine
}

func (p *play) status(want words, got reply) outcome {
	for _, w := range want {
		if w == "unsupported" {
			w = p.unsupported()
		}
		switch {
		case w == "accept" && got.err == nil && p.accept.Has(got.status),
			w == "closed" && got.closed && !errors.Is(got.err, errTookAll),
			len(w) == 3 && got.err == nil && (w == strconv.Itoa(got.status) || w[1:] == "xx" && int(w[0]-'0') == got.status/100):
			return fine
		}
	}
	if slices.Contains(want, "4xx") && !slices.Contains(want, "accept") && p.target.ForgedAck && got.status/100 == 2 {
		if !p.target.Probe.IsSet() {
			return outcome{missing: "it was answered with " + strconv.Itoa(got.status) + ", and without --probe nothing shows that nothing came of it"}
		}
		return fine
	}
	return wrong(p.inWords(want), "%s", describe(got))
}

// inWords says what status is wanted.
func (p *play) inWords(want words) string {
	var all []string
	for _, w := range want {
		switch w {
		case "accept":
			accepted := p.Accept()
			if len(accepted) == 0 {
				accepted = []string{"2xx"}
			}
			all = append(all, "acceptance ("+strings.Join(accepted, ", ")+")")
		case "unsupported":
			all = append(all, "a refusal ("+p.unsupported()+")")
		case "4xx":
			all = append(all, "a refusal (4xx)")
		case "closed":
			all = append(all, "a closed connection")
		default:
			all = append(all, w)
		}
	}
	return strings.Join(all, " or ")
}

// unsupported is the status that refuses a media type.
func (p *Profile) unsupported() string {
	if p.conf.Handshake.Kind == "cloudevents" {
		return "415"
	}
	return "4xx"
}

// describe says what came back.
func describe(got reply) string {
	switch {
	case got.err != nil:
		return got.err.Error()
	case got.status/100 == 3:
		return fmt.Sprintf("status %d, a redirect to %q, which no provider follows", got.status, got.header.Get("Location"))
	case got.status/100 == 5:
		return fmt.Sprintf("status %d, at which the provider sends it again", got.status)
	}
	said := ""
	if len(got.body) > 0 {
		said = ": " + clip(firstLine(string(got.body)), 120)
	}
	return fmt.Sprintf("status %d%s", got.status, said)
}

// traces are what programs say of themselves when they break.
var traces = regexp.MustCompile(`(?m)Traceback \(most recent call last\)|^\s+at .+\(.+:\d+:\d+\)|goroutine \d+ \[|\.go:\d+ \+0x|File ".+", line \d+|node_modules/|java\.lang\.|SQLSTATE|panic:`)

// leak finds in an answer what must not be in it.
func (p *play) leak(r *request, got reply) string {
	said := string(got.body)
	for _, name := range []string{"good", "without-time", "empty-body"} {
		made := &signedEvent{Profile: p.Profile, body: r.body, sent: time.Now()}
		for _, h := range r.header {
			if strings.HasPrefix(h[1], "msg_") {
				made.id = h[1]
			}
		}
		for _, at := range []time.Duration{0, -time.Second, time.Second} {
			made.sent = time.Now().Add(at)
			made.good = made.with(p.key(), made.ts(), r.body)
			if digest := signs[name](made); len(digest) > 16 && (strings.Contains(said, digest) || strings.Contains(said, made.digest())) {
				return "the signature that would have been right stands in it"
			}
		}
	}
	if len(p.secret) >= 8 && (strings.Contains(said, p.secret) || strings.Contains(said, string(p.key()))) {
		return "the secret stands in it"
	}
	if found := traces.FindString(said); found != "" {
		return fmt.Sprintf("a stack trace stands in it: %q", clip(strings.TrimSpace(found), 60))
	}
	if text, ok := p.textAt(r.body, p.conf.Text); ok && len(text) > 5 && strings.Contains(said, text) {
		return "the person's data stand in it: " + clip(text, 40)
	}
	return ""
}
