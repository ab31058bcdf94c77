package delivery

import (
	"fmt"
	"math"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi/settings"
)

// nextAttempt asks the provider's retry rule for the wait after a failed attempt, and whether there is another attempt.
// The account's seed decides random waits.
func nextAttempt(a *account.Account, m *Prepared, result webhook.Attempt) (time.Duration, bool) {
	d := m.delivery
	failure := settings.Failure{Attempt: d.Attempts, Sent: result.Sent, Status: status(result)}
	if result.Response != nil {
		for _, h := range result.Response.Header {
			if h[0] == "Retry-After" {
				failure.RetryAfter = h[1]
			}
		}
	}
	endpoint := m.provider.Switches().Endpoint(m.endpoint.ID, m.endpoint.URL, m.endpoint.Switches)
	return m.provider.Webhooks().Policy(d.Event, endpoint).Next(failure, func(purpose string) float64 {
		return float64(fake.Seed(a.Seed(), purpose, d.ID, fmt.Sprint(d.Attempts))) / math.MaxUint64
	})
}

// status returns the status of the response, 0 without one.
func status(result webhook.Attempt) int {
	if result.Response == nil {
		return 0
	}
	return result.Response.Status
}
