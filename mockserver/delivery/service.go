package delivery

import (
	"context"
	"log/slog"
	"net"

	"github.com/idmock/idmock/internal/admission"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook"
)

// Runs are the runs of the engine, for deliveries.
type Runs interface {
	// Ended plays the rules of a run's scenario for the end of a delivery, in the unit of work that ends it.
	Ended(ctx context.Context, t *tx.Tx, a *account.Account, d *Delivery, e End) error
}

// Config configures deliveries. All fields are required.
type Config struct {
	Store     store.Store
	Accounts  *account.Accounts
	Library   *library.Library
	Faults    *faults.Injector
	Endpoints *Endpoints
	Sender    *webhook.Sender
	Responses *Responses
	Logger    *slog.Logger
}

// Service plans deliveries and makes their attempts. It is safe for concurrent use.
type Service struct {
	Config
	runs    Runs
	decoded decodedCache

	building *admission.Budget // bodies that faults enlarge
}

// roomBytes is the size that bodies being enlarged may have together, in bytes.
const roomBytes = 64 << 20

// New returns a service. SetRuns must be called before it is used.
func New(c Config) *Service {
	s := &Service{Config: c, building: admission.New(roomBytes)}
	c.Accounts.OnReset(func(account string) error { s.decoded.dropAccount(account); return nil })
	return s
}

// SetRuns sets the engine, which needs the service itself.
func (s *Service) SetRuns(r Runs) { s.runs = r }

// Dial opens a connection to an address that webhooks may go to.
func (s *Service) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return s.Sender.Dial(ctx, network, address)
}
