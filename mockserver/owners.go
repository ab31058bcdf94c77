package mockserver

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/idmock/idmock/internal/fake"
)

// owners knows which account a derived credential belongs to: a backend names an account by its API key, a page in a
// browser by the public ID that goes with it, and both must meet. An account's credentials with a provider are known from
// when they were first used or shown. The zero value knows none.
type owners struct {
	mu    sync.RWMutex
	names map[owned]string
}

// again is how often other credentials are tried where one that was derived is another account's: some are short.
const again = 8

// owned is a credential of some account's.
type owned struct{ provider, credential string }

// of returns the account that a credential belongs to; one that nobody has opens an account of its own name.
func (o *owners) of(p *provider, credential string) string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if name, ok := o.names[owned{p.Name, credential}]; ok {
		return name
	}
	return credential
}

// credentials derives an account's credentials with a provider, puts those that were given in their place, and notes
// whose they are. What several accounts have, because it was given, belongs to the first of them.
func (o *owners) credentials(p *provider, a *account) (map[string]any, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var made map[string]any
	for try := range again {
		seed := a.seed
		if try > 0 {
			seed = fake.Seed(a.seed, "again", strconv.Itoa(try))
		}
		var err error
		if made, err = p.Credentials(a.name, seed); err != nil {
			return nil, err
		}
		if !o.taken(p, a, made) {
			break
		}
	}
	for name, value := range p.given {
		made[name] = value
	}
	if a.name == everybody { // nobody calls as everybody
		return made, nil
	}
	if o.names == nil {
		o.names = map[owned]string{}
	}
	for _, value := range made {
		key := owned{p.Name, fmt.Sprint(value)}
		if _, have := o.names[key]; !have && value != a.name {
			o.names[key] = a.name
		}
	}
	return made, nil
}

// forget lets go of the credentials of an account that is gone, or that gets others.
func (o *owners) forget(a *account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	for provider, made := range a.credentials {
		for _, value := range made {
			if key := (owned{provider, fmt.Sprint(value)}); o.names[key] == a.name {
				delete(o.names, key)
			}
		}
	}
}

// forgetOne is forget for the credentials with one provider, which are derived anew when they are needed.
func (o *owners) forgetOne(a *account, provider string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, value := range a.credentials[provider] {
		if key := (owned{provider, fmt.Sprint(value)}); o.names[key] == a.name {
			delete(o.names, key)
		}
	}
	delete(a.credentials, provider)
}

// taken reports whether another account has one of these credentials already.
func (o *owners) taken(p *provider, a *account, made map[string]any) bool {
	for _, value := range made {
		if owner, have := o.names[owned{p.Name, fmt.Sprint(value)}]; have && owner != a.name {
			return true
		}
	}
	return false
}
