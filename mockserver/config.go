package mockserver

import (
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Config says what to serve and how. Only Providers is needed; every other field has a useful zero value.
type Config struct {
	// Addr is where to listen: host:port, port 0 picks a free one. Empty means 127.0.0.1:8080.
	Addr string
	// HostsAddr is where the real host names of the providers are served over TLS as well, with HTTP/1.1 and HTTP/2. Empty
	// serves none.
	HostsAddr string
	// Certificate returns the certificate of one of those names, or of localhost. It is needed with HostsAddr.
	Certificate func(host string) (*tls.Certificate, error)
	// Providers are served, each under its prefix and its host names.
	Providers []*openapi.Provider
	// Scenarios are served beside those that ship, and win over them by name. [Lint] parses them.
	Scenarios []*scenarios.Scenario
	// Webhooks registers a URL for each provider named, for every account that has none of its own.
	Webhooks map[string]string
	// WebhookHeaders are sent with every delivery to an endpoint that was registered with no header lines of its own: what a
	// receiver knows the sender by, where the provider signs nothing.
	WebhookHeaders []webhook.Header
	// Sources are the addresses of this machine, by provider, that webhooks come from where an endpoint names none: those
	// that an application's allow-list lets in. A provider that is not there has what its folder says, or any.
	Sources map[string]string
	// Credentials replaces what is derived for every account, by provider and then by the credential's name: the key with
	// which a receiver checks signatures, for one, so that the receiver can be started first.
	Credentials map[string]map[string]string
	// Keys are the only credentials that the providers know, as [ParseKeys] reads them. None: every key is known.
	Keys []Key
	// Seed is what all that is made up comes from. 0 picks one, which is logged.
	Seed uint64
	// Rough makes everything go wrong now and then. Nil does not.
	Rough *Rough
	// Start is the account time at which every account's clock begins. The zero value is the present.
	Start time.Time
	// Frozen makes every account's clock stand where it begins until it is advanced or unfrozen. With Seed and Start,
	// the same calls then lead to the same journal, to the millisecond.
	Frozen bool
	// Store keeps runs, jobs and the journal. Nil means memory, bounded by Retention.
	Store store.Store
	// Retention bounds the memory store; zero fields mean its defaults.
	Retention store.Retention
	// StrictTargets refuses webhooks to loopback and private addresses, as a real provider does, and has the providers'
	// dashboards refuse the URLs that no provider registers.
	StrictTargets bool
	// Resolver looks up the names in webhook URLs. Nil is the system's.
	Resolver *net.Resolver
	// Rewrites lead webhooks elsewhere than their URL says; see [webhook.Rewrites].
	Rewrites webhook.Rewrites
	// PublicURL is the base URL under which applications reach the server, for the addresses that it prints in its answers.
	// Empty: it is learnt from each request.
	PublicURL string
	// ControlToken, if not empty, is asked of whoever uses the control API or the page.
	ControlToken string
	// AllowedHosts are further host names under which control API and page may be asked for. IP addresses, localhost,
	// names without a dot and *.internal always may.
	AllowedHosts []string
	// Checks makes what judges receivers and providers for the control API and the page, as conformance/runs.New does. It is
	// called once, by New. Nil: there is nobody, and the API says so.
	Checks func(*Server) Checks
	// DrainTimeout bounds how long Stop waits for calls and deliveries under way. 0 means 5 s.
	DrainTimeout time.Duration
	// Version is sent in X-Idmock and shown in the page. Empty means "dev".
	Version string
	// Logger gets one info line a delivery. Nil discards everything.
	Logger *slog.Logger
}

// ScenarioHeader is the header with which a call chooses its scenario.
const ScenarioHeader = "X-Idmock-Scenario"

const (
	defaultAddr  = "127.0.0.1:8080"
	defaultDrain = 5 * time.Second
	// Bounds on the listener. There is none on writing: a scenario may hold an answer back for as long as it likes.
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
)
