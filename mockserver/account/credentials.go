package account

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/openapi"
)

// Credentials returns the account's credentials with a provider, its name and its seed: the account in expressions.
// The map is shared and must not be changed.
func (a *Account) Credentials(p *openapi.Provider) (map[string]any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if have := a.credentials[p.Name]; have != nil {
		return have, nil
	}
	values, err := a.accounts.index.derive(p, a, a.accounts.config.Credentials[p.Name])
	if err != nil {
		return nil, err
	}
	values["name"], values["seed"] = a.name, a.seed
	a.credentials[p.Name] = values
	return values, nil
}

// ForgetCredentials has an account's credentials with a provider derived anew when they are next needed.
func (a *Account) ForgetCredentials(provider string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accounts.index.remove(a.name, provider, a.credentials[provider])
	delete(a.credentials, provider)
}

// OwnerOf returns the account that a credential belongs to. One that belongs to none opens an account of its own name.
func (s *Accounts) OwnerOf(p *openapi.Provider, credential string) string {
	return s.index.find(p.Name, credential)
}

// credentialIndex finds the account of a derived credential: a backend names an account by its API key, a page in a
// browser by the public ID that goes with it, and both must meet. An account's credentials with a provider are in it from
// when they were first used or shown. The zero value is empty.
type credentialIndex struct {
	mu    sync.RWMutex
	names map[credential]string
}

type credential struct{ provider, value string }

// retries is how often other credentials are derived where one is another account's already: some are short.
const retries = 8

func (x *credentialIndex) find(provider, value string) string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if name, ok := x.names[credential{provider, value}]; ok {
		return name
	}
	return value
}

// derive returns an account's credentials with a provider, fixed ones in place of derived ones, and indexes them. A
// fixed credential, which several accounts have, belongs to the first of them.
func (x *credentialIndex) derive(p *openapi.Provider, a *Account, fixed map[string]string) (map[string]any, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var values map[string]any
	for attempt := range retries {
		seed := a.seed
		if attempt > 0 {
			seed = fake.Seed(a.seed, "again", strconv.Itoa(attempt))
		}
		var err error
		if values, err = p.Credentials(a.name, seed); err != nil {
			return nil, err
		}
		if !x.taken(p.Name, a.name, values) {
			break
		}
	}
	for name, value := range fixed {
		values[name] = value
	}
	if a.name == Default { // no request is the default account's
		return values, nil
	}
	if x.names == nil {
		x.names = map[credential]string{}
	}
	for _, value := range values {
		key := credential{p.Name, fmt.Sprint(value)}
		if _, have := x.names[key]; !have && value != a.name {
			x.names[key] = a.name
		}
	}
	return values, nil
}

// forget removes the credentials of an account that is deleted, or that gets others.
func (x *credentialIndex) forget(a *Account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for provider, values := range a.credentials {
		x.remove(a.name, provider, values)
	}
}

func (x *credentialIndex) remove(account, provider string, values map[string]any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, value := range values {
		if key := (credential{provider, fmt.Sprint(value)}); x.names[key] == account {
			delete(x.names, key)
		}
	}
}

// taken reports whether one of these credentials is another account's.
func (x *credentialIndex) taken(provider, account string, values map[string]any) bool {
	for _, value := range values {
		if owner, have := x.names[credential{provider, fmt.Sprint(value)}]; have && owner != account {
			return true
		}
	}
	return false
}

// probe is an account that cannot exist, to see which credentials are the account's name itself.
const probe = "idmock probe\x00"

// CheckCredentials returns an error for fixed credentials that a provider does not have or that are empty. The key that
// opens an account cannot be fixed: it is the account, and every application brings its own.
func CheckCredentials(p *openapi.Provider, fixed map[string]string) error {
	derived, err := p.Credentials(probe, 1)
	if err != nil {
		return err
	}
	names := slices.DeleteFunc(p.CredentialNames(), func(name string) bool { return derived[name] == probe })
	for _, name := range slices.Sorted(maps.Keys(fixed)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("credential %s.%s: unknown credential: use one of %v", p.Name, name, names)
		}
		if fixed[name] == "" {
			return fmt.Errorf("credential %s.%s: must not be empty", p.Name, name)
		}
	}
	return nil
}
