package mockserver

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/fault"
)

// headersOf returns the header lines with which an endpoint's deliveries are sent after the provider's own.
func (e *Engine) headersOf(ep webhook.Endpoint) []webhook.Header {
	if len(ep.Headers) == 0 {
		return e.headers
	}
	return ep.Headers
}

// proof returns the header lines that an endpoint was registered with. By another's secret than its own, what they prove
// is wrong: the word before it, such as Bearer, and the user's name of a pair stay.
func proof(lines []webhook.Header, whose fault.Secret, seed uint64) []webhook.Header {
	if whose == fault.Own {
		return lines
	}
	if whose == fault.Missing {
		return nil
	}
	wrong := slices.Clone(lines)
	for i, line := range wrong {
		secret := ""
		if whose != fault.Empty {
			secret = fake.UUID(seed, "secret", string(whose), line[0])
		}
		scheme, rest, two := strings.Cut(line[1], " ")
		text, err := base64.StdEncoding.DecodeString(rest)
		switch user, _, pair := strings.Cut(string(text), ":"); {
		case two && err == nil && pair:
			secret = scheme + " " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))
		case two:
			secret = scheme + " " + secret
		}
		wrong[i][1] = secret
	}
	return wrong
}
