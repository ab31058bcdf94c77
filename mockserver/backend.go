package mockserver

import (
	"context"
	"fmt"
	"iter"
	"math"
	"net/http"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/engine"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/record"
	"github.com/idmock/idmock/mockserver/scheduler"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/wallet"
	"github.com/idmock/idmock/openapi"
)

// backend serves the control API and the page, without checks.
func (c *core) backend() control.Backend {
	return control.Backend{
		Journal: history{c}, Deliveries: c.deliveries, Runs: runs{c.engine, c}, Endpoints: c.deliveries.Endpoints,
		Clocks: clocks{c.accounts, c.scheduler}, Accounts: accounts{c}, Catalogue: catalogue{c.uploads, c.config.Store, c.scheduler},
		Fidelities: c.library, Faults: c.deliveries.SetFaults(), Holds: c.deliveries.Holds(), Operations: operations{c.engine, c.library},
		PublicURLs: c.accounts, Uploads: c.uploads, Sender: c.engine, Prospects: c.engine,
		Wallets: wallet.Wallets{Accounts: c.accounts, Providers: c.library},
	}
}

// history is the journal as it is shown: entries before an account's last reset are hidden.
type history struct{ *core }

func (h history) Read(ctx context.Context, name string, after uint64, limit int) ([]store.Entry, error) {
	if err := account.Refresh(ctx, h.accounts, name); err != nil { // another process may have reset it
		return nil, err
	}
	return h.config.Store.Read(ctx, name, h.accounts.Since(name, after), limit)
}

func (h history) Follow(ctx context.Context, name string, after uint64) iter.Seq2[[]store.Entry, error] {
	return h.config.Store.Follow(ctx, name, h.accounts.Since(name, after))
}

func (h history) Stats(ctx context.Context) (store.Stats, error) { return h.config.Store.Stats(ctx) }

type runs struct {
	*engine.Engine
	core *core
}

func (r runs) Record(ctx context.Context, name, provider, reference, scenario string) ([]byte, error) {
	entries, err := history{r.core}.Read(ctx, name, 0, math.MaxInt)
	if err != nil {
		return nil, err
	}
	recorded := record.Run{Provider: provider, Reference: reference}
	if p := r.core.library.Provider(provider); p != nil {
		recorded.Outcomes = p.Outcomes()
	}
	return record.Scenario(ctx, entries, r.core.deliveries, recorded, scenario)
}

type clocks struct {
	*account.Accounts
	*scheduler.Scheduler
}

// catalogue lists playable scenarios, uploads among them.
type catalogue struct {
	*library.Uploads
	store     store.Store
	scheduler *scheduler.Scheduler
}

// readyTimeout is how long the scheduler may take to respond.
const readyTimeout = 2 * time.Second

// Ready returns nil when requests can be answered and timers run.
func (c catalogue) Ready(ctx context.Context) error {
	if _, err := c.store.Stats(ctx); err != nil {
		return err
	}
	if s, ok := c.store.(interface{ Writable(context.Context) error }); ok {
		if err := s.Writable(ctx); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return c.scheduler.Responds(ctx)
}

type operations struct {
	engine  *engine.Engine
	library *library.Library
}

func (o operations) Form(ctx context.Context, provider, operation string) (control.Form, error) {
	return o.library.Form(ctx, provider, operation)
}

func (o operations) Call(ctx context.Context, c control.CallRequest) (control.PlayResult, error) {
	return o.engine.Call(ctx, c)
}

type accounts struct{ *core }

// Accounts lists the accounts that are open, by name.
func (s accounts) Accounts(ctx context.Context) ([]control.Account, error) {
	return s.AccountsAfter(ctx, account.Default, math.MaxInt)
}

// AccountsAfter lists some of the accounts that are open, by name.
func (s accounts) AccountsAfter(ctx context.Context, after string, limit int) ([]control.Account, error) {
	open, err := s.accounts.Select(account.Default)
	if err != nil {
		return nil, err
	}
	all := []control.Account{}
	for _, a := range open {
		if a.Name() <= after { // the default account's name is empty
			continue
		}
		if len(all) == limit {
			break
		}
		d, err := s.describe(ctx, a)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// Account describes one account. It opens none.
func (s accounts) Account(ctx context.Context, name string) (control.Account, error) {
	if name == account.Default {
		return control.Account{}, account.NotOpen(s.accounts, name)
	}
	a, err := s.accounts.Find(name)
	if err != nil {
		return control.Account{}, err
	}
	return s.describe(ctx, a)
}

// Require returns the error of an account that is not open.
func (s accounts) Require(_ context.Context, name string) error {
	_, err := s.accounts.Find(name)
	return err
}

func (s accounts) describe(ctx context.Context, a *account.Account) (control.Account, error) {
	set, err := s.accounts.Settings(ctx, a)
	if err != nil {
		return control.Account{}, err
	}
	d := control.Account{Name: a.Name(), Seed: a.Seed(), Clock: a.ClockState(), Defaults: set.Defaults,
		Credentials: map[string]map[string]string{}, Rotation: map[string]map[string]string{}}
	for _, p := range s.library.Openapi() {
		if d.Credentials[p.Name], err = credentials(a, p); err != nil {
			return d, err
		}
		rotation, err := s.deliveries.Rotation(a, p)
		if err != nil {
			return d, err
		}
		if rotation != nil {
			d.Rotation[p.Name] = rotation
		}
	}
	d.Pending, d.Held, err = s.config.Store.Pending(ctx, a.Name())
	return d, err
}

// credentials are an account's credentials with a provider, by name.
func credentials(a *account.Account, p *openapi.Provider) (map[string]string, error) {
	values, err := a.Credentials(p)
	return named(p, values), err
}

// named are credentials without the other values of expressions.
func named(p *openapi.Provider, values map[string]any) map[string]string {
	all := map[string]string{}
	for _, name := range p.CredentialNames() {
		all[name] = fmt.Sprint(values[name])
	}
	return all
}

func (s accounts) SetSeed(ctx context.Context, name string, seed uint64) error {
	return s.accounts.SetSeed(ctx, name, seed)
}
func (s accounts) Drop(ctx context.Context, name string) error  { return s.accounts.Delete(ctx, name) }
func (s accounts) Reset(ctx context.Context, name string) error { return s.accounts.Reset(ctx, name) }
func (s accounts) Idle(ctx context.Context, name string) error  { return s.scheduler.Idle(ctx, name) }
func (s accounts) Ended(ctx context.Context, name string) error { return s.scheduler.Ended(ctx, name) }

// notFoundError is store.ErrNotFound with another text.
type notFoundError struct{ error }

func (notFoundError) Is(target error) bool { return target == store.ErrNotFound }

type environments struct {
	*core
	own listeners
}

// Environment returns the variables that point an application at the server in an account's name. It opens no account.
func (s environments) Environment(r *http.Request, name, provider string) (control.Environment, error) {
	p, err := s.library.Find(provider)
	if err != nil {
		return control.Environment{}, notFoundError{err}
	}
	a, err := account.Preview(r.Context(), s.accounts, s.accounts.Caller(name, p.Provider))
	if err != nil {
		return control.Environment{}, err
	}
	values, err := a.Credentials(p.Provider)
	if err != nil {
		return control.Environment{}, err
	}
	base, err := s.base(r, p.Provider, a)
	if err != nil {
		return control.Environment{}, err
	}
	pairs, err := p.Env(&template.Scope{Account: values, Base: base})
	env := control.Environment{Provider: provider, Account: a.Name(), Variables: []control.Variable{}}
	for _, pair := range pairs {
		env.Variables = append(env.Variables, control.Variable{Name: pair[0], Value: pair[1]})
	}
	return env, err
}

// base is the provider's own address, if it has one and no public URL is set, and otherwise its prefix below the server's address.
// A provider has its own address for clients whose base URL cannot have a path.
func (s environments) base(r *http.Request, p *openapi.Provider, a *account.Account) (string, error) {
	set, err := s.accounts.PublicURL(r.Context())
	if own := s.own.urlFor(p.Name, r); set == "" && own != "" {
		return own, err
	}
	return a.BaseURL(p, requestRoot(r)), err
}
