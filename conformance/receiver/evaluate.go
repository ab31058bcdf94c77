package receiver

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/mutate"
	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/suite"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// maxResponse is the largest response body that a step with small accepts, in bytes.
const maxResponse = 20 << 10

// evaluate compares a response with the expected one and marks the exchange if they differ.
func (s *session) evaluate(step *suite.Step, r *wire.Request, got answered) outcome.Outcome {
	o := s.compare(step, r, got.Response)
	if o.Expected != "" {
		s.transcript.mark(got.exchange, o.Expected)
	}
	return o
}

func (s *session) compare(step *suite.Step, r *wire.Request, got wire.Response) outcome.Outcome {
	if got.Untestable != "" {
		return outcome.Outcome{Untestable: got.Untestable}
	}
	if o := s.compareStatus(step.Want, got); o != outcome.Fine {
		return o
	}
	if step.Header != "" && got.Header.Get(step.Header) == "" {
		return outcome.Wrong("a "+step.Header+" header", "status %d without one", got.Status)
	}
	if step.Allow && got.Status == http.StatusMethodNotAllowed && got.Header.Get("Allow") == "" {
		return outcome.Wrong("an Allow header with the 405", "status 405 without one")
	}
	if step.Clean {
		if secret := s.leak(r, got.Raw); secret != "" {
			return outcome.Severe("a response without confidential content", "%s", secret)
		}
		if private := disclosure(s.profile, r, string(got.Body)); private != "" {
			return outcome.Wrong("a response without confidential content", "%s", private)
		}
	}
	if step.Small && len(got.Body) > maxResponse {
		return outcome.Wrong("a response of at most 20 kB", "%d bytes", len(got.Body))
	}
	return outcome.Fine
}

// compareStatus compares a response with the expected statuses.
func (s *session) compareStatus(want suite.Words, got wire.Response) outcome.Outcome {
	for _, w := range want {
		if w == "unsupported" {
			w = s.unsupported()
		}
		switch {
		case w == "accept" && got.Err == nil && s.profile.Accepted.Has(got.Status),
			w == "closed" && got.Closed && !got.ReadAll(),
			len(w) == 3 && got.Err == nil && (w == strconv.Itoa(got.Status) || w[1:] == "xx" && int(w[0]-'0') == got.Status/100):
			return outcome.Fine
		}
	}
	if want.Has("4xx") && !want.Has("accept") && s.target.ForgedAck && got.Status/100 == 2 {
		if !s.target.Probe.IsSet() {
			return outcome.Untestable("the response was %d, and evidence that the event had no effect is missing: %s", got.Status, evidence.NoProbe)
		}
		return outcome.Fine
	}
	return outcome.Wrong(s.describe(want), "%s", got)
}

// describe writes the expected statuses for people.
func (s *session) describe(want suite.Words) string {
	var all []string
	for _, w := range want {
		switch w {
		case "accept":
			accepted := s.profile.Webhooks().Accept()
			if len(accepted) == 0 {
				accepted = []string{"2xx"}
			}
			all = append(all, "acceptance ("+strings.Join(accepted, ", ")+")")
		case "unsupported":
			all = append(all, "a refusal ("+s.unsupported()+")")
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

// unsupported is the status that refuses a media type: CloudEvents requires 415.
func (s *session) unsupported() string {
	if s.profile.Events.Handshake.Kind == "cloudevents" {
		return "415"
	}
	return "4xx"
}

// stackTrace matches the errors that runtimes and databases print.
var stackTrace = regexp.MustCompile(`(?m)Traceback \(most recent call last\)|^\s+at .+\(.+:\d+:\d+\)|goroutine \d+ \[|\.go:\d+ \+0x|File ".+", line \d+|node_modules/|java\.lang\.|SQLSTATE|panic:`)

// leak returns what an attacker can use of a response: a valid signature or the secret.
func (s *session) leak(r *wire.Request, text string) string {
	id := ""
	for _, h := range r.Header {
		if strings.HasPrefix(h[1], "msg_") {
			id = h[1]
		}
	}
	if mutate.Revealed(s.profile, id, text, r.Body) {
		return "it contains the valid signature"
	}
	if secret := s.profile.Secret; len(secret) >= 8 && (strings.Contains(text, secret) || strings.Contains(text, string(s.profile.Signing.KeyOrText(secret)))) {
		return "it contains the secret"
	}
	return ""
}

// disclosure returns what else a response should not contain: a stack trace, personal data.
func disclosure(p *Profile, r *wire.Request, text string) string {
	if trace := stackTrace.FindString(text); trace != "" {
		return fmt.Sprintf("it contains a stack trace: %q", wire.Clip(strings.TrimSpace(trace), 60))
	}
	if personal, ok := profile.TextAt(r.Body, p.Events.Text); ok && len(personal) > 5 && strings.Contains(text, personal) {
		return "it contains personal data: " + wire.Clip(personal, 40)
	}
	return ""
}
