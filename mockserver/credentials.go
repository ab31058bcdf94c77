package mockserver

import (
	"fmt"
	"maps"
	"slices"

	"github.com/idmock/idmock/openapi"
)

// probe is an account that cannot exist, to see which credentials are nothing but the account's name.
const probe = "idmock probe\x00"

// give takes credentials that every account shall have instead of derived ones. It is called before the first account is
// opened.
func (p *provider) give(values map[string]string) error {
	names, err := givable(p.Provider)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("credential %s.%s: %s has no such credential to give, want one of %v", p.Name, name, p.Name, names)
		}
		if values[name] == "" {
			return fmt.Errorf("credential %s.%s: it is empty", p.Name, name)
		}
	}
	p.given = values
	return nil
}

// givable lists the credentials that can be given. The key that opens an account cannot: it is the account, and every
// application brings its own.
func givable(p *openapi.Provider) ([]string, error) {
	made, err := p.Credentials(probe, 1)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(p.CredentialNames(), func(name string) bool { return made[name] == probe }), nil
}
