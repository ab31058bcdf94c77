package mockserver

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Config configures a server. Only Providers is required; every other field has a useful zero value.
type Config struct {
	// Addr is the address to listen on: host:port, port 0 picks a free one. Empty means 127.0.0.1:8080.
	Addr string
	// HostsAddr is the address on which the providers' real host names are served over TLS as well, with HTTP/1.1 and HTTP/2.
	// Empty serves none.
	HostsAddr string
	// Certificate returns the certificate of one of those names, or of localhost. It is required with HostsAddr.
	Certificate func(host string) (*tls.Certificate, error)
	// Providers are served, each under its prefix and its host names.
	Providers []*openapi.Provider
	// Scenarios are served beside those that ship, and win over them by name. See [library.Lint].
	Scenarios []*scenarios.Scenario
	// Webhooks registers a URL for each provider named, for every account without endpoints of its own.
	Webhooks map[string]string
	// WebhookHeaders are sent with every delivery to an endpoint that was registered without headers, for providers that sign
	// nothing.
	WebhookHeaders []webhook.Header
	// Sources are the addresses of this machine, by provider, that webhooks come from where an endpoint names none: for
	// receivers with an allow-list. A provider that is not in it has the address in its directory, or any.
	Sources map[string]string
	// Credentials replaces derived credentials for every account, by provider and then by the credential's name: the key that
	// verifies signatures, for instance, so that a receiver can be started first.
	Credentials map[string]map[string]string
	// Keys are the only API keys that the providers accept, as [ParseKeys] reads them. None: every key is accepted.
	Keys []Key
	// Seed is the source of everything that is generated. 0 picks one, which is logged.
	Seed uint64
	// Rough injects random faults. Nil injects none.
	Rough *Rough
	// Start is the account time at which every account's clock starts. The zero value is the present.
	Start time.Time
	// Frozen freezes every account's clock at its start until it is advanced or unfrozen. With Seed and Start, the same
	// requests then lead to the same journal, to the millisecond.
	Frozen bool
	// Store keeps runs, jobs and the journal. Nil means memory, bounded by Retention.
	Store store.Store
	// Retention bounds the memory store; zero fields mean its defaults.
	Retention store.Retention
	// MaxAccounts is the number of accounts above which idle and empty ones are closed. 0 means [account.DefaultMax].
	MaxAccounts int
	// FaultBytes is what faults may have an account send from one reset to the next, as large bodies and copies. 0 means
	// [faults.DefaultBytes].
	FaultBytes int64
	// StrictTargets refuses webhooks to loopback and private addresses, as a real provider does, and has the providers'
	// dashboards refuse URLs that no provider registers.
	StrictTargets bool

	// StrictRequests refuses requests that clients send although no page of the provider allows them, such as forms for checks
	// of images. Documents mark what is meant with x-idmock-strict.
	StrictRequests bool
	// Resolver resolves the host names in webhook URLs. Nil is the system's.
	Resolver *net.Resolver
	// Connect opens the connections to some webhook receivers in place of the network; see [webhook.Sender.Connect].
	Connect func(ctx context.Context, address string) (net.Conn, error)
	// Rewrites redirect webhooks to other addresses than their URL; see [webhook.Rewrites].
	Rewrites webhook.Rewrites
	// PublicURL is the base URL under which applications reach the server, for the URLs in its responses. Empty: it is learnt
	// from each request.
	PublicURL string
	// ControlAddr is an address of their own for the control API and the page, which then share no origin with the providers'
	// responses. Empty: they are served on Addr.
	ControlAddr string
	// ProviderAddrs are addresses of their own of providers, by name: for clients whose base URL cannot have a path. The prefix
	// is optional there. They are served on Addr as well.
	ProviderAddrs map[string]string
	// ControlToken, if not empty, is required by the control API and the page.
	ControlToken string
	// AllowedHosts are further host names under which browsers are served, whose pages may use the control API. IP addresses,
	// localhost and names without a dot are always served; pages of this machine and of the server itself are always allowed.
	AllowedHosts []string
	// Checks returns the checks of receivers and providers for the control API and the page, as conformance/service.New does. It
	// is called once, by New. Nil: the API says that there are no checks.
	Checks func(*Server) Checks
	// DrainTimeout bounds how long Stop waits for requests and deliveries under way. 0 means 5 s.
	DrainTimeout time.Duration
	// Version is sent in X-Idmock and shown on the page. Empty means "dev".
	Version string
	// Logger gets one info line per delivery. Nil discards everything.
	Logger *slog.Logger
}

// Rough injects faults at random into every response and delivery, as on a bad day of the real service. Which ones is
// drawn from each account's seed.
type Rough struct {
	Nuisances []string // names of [fault.Nuisances]; none means all
	Rate      float64  // probability of each of them, each time, 0 to 1; 0 means 0.1
}

// Key is an API key that a server with a list of keys accepts.
type Key = account.Key

// ParseKeys reads a key file; see [account.ParseKeys].
func ParseKeys(file string, src []byte, providers []*openapi.Provider) ([]Key, error) {
	return account.ParseKeys(file, src, providers)
}

const (
	defaultAddr  = "127.0.0.1:8080"
	defaultDrain = 5 * time.Second
	// cutGrace is what attempts that are cut off get to end.
	cutGrace = 500 * time.Millisecond
	// Bounds on the listener. There is none on writing: a scenario may delay a response for as long as it likes.
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	// bodyBudget is the size that the large bodies of requests under way may have together, in bytes.
	bodyBudget = 32 << 20
)

// withDefaults fills in empty fields.
func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = defaultAddr
	}
	if c.DrainTimeout == 0 {
		c.DrainTimeout = defaultDrain
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Seed == 0 {
		c.Seed = fake.RandomSeed()
	}
	if c.Store == nil {
		c.Store = store.NewMemory(c.Retention)
	}
	return c
}

// newClock returns a function that makes clocks as configured.
func (c Config) newClock() func() *clock.Clock {
	return func() *clock.Clock {
		start := c.Start
		if start.IsZero() {
			start = time.Now().UTC()
		}
		if c.Frozen {
			return clock.NewFrozen(start)
		}
		return clock.New(start)
	}
}

// sources parses Sources.
func (c Config) sources() (map[string]netip.Addr, error) {
	all := map[string]netip.Addr{}
	for name, text := range c.Sources {
		addr, err := webhook.ParseSource(text)
		if err != nil {
			return nil, fmt.Errorf("source address of %s: %w", name, err)
		}
		all[name] = addr
	}
	return all, nil
}

// checkProviders returns an error for settings of providers that are not served.
func (c Config) checkProviders() error {
	var names []string
	for _, p := range c.Providers {
		names = append(names, p.Name)
		if c.Credentials[p.Name] == nil && p.IsShipped() { // and not read before its first use
			continue
		}
		if err := account.CheckCredentials(p, c.Credentials[p.Name]); err != nil {
			return err
		}
	}
	for name := range c.Credentials {
		if !slices.Contains(names, name) {
			return fmt.Errorf("credential of %s: unknown provider %q, use one of %v", name, name, names)
		}
	}
	for name := range c.ProviderAddrs {
		if !slices.Contains(names, name) {
			return fmt.Errorf("address of %s: unknown provider %q, use one of %v", name, name, names)
		}
	}
	for name := range c.Sources {
		if !slices.Contains(names, name) {
			return fmt.Errorf("source address of %s: unknown provider %q, use one of %v", name, name, names)
		}
	}
	return nil
}
