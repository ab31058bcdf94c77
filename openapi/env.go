package openapi

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// envName matches names of environment variables that every shell accepts.
var envName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// prepareEnv makes the variables that point an application at the mock: the base URL and every credential under the
// provider's name, and over that what the folder says.
func (p *Provider) prepareEnv() []error {
	var problems []error
	put := func(name, text string) {
		node, err := template.String(text)
		switch {
		case err != nil:
			problems = append(problems, place("provider.yaml", []string{"env", name}, fmt.Errorf("env %s: %w", name, err)))
			return
		case !envName.MatchString(name):
			problems = append(problems, place("provider.yaml", []string{"env", name}, fmt.Errorf("env %s: no shell takes that name: write it in capital letters, digits and underscores", name)))
			return
		}
		for i, have := range p.env {
			if have.Key == name {
				p.env[i].Value = node
				return
			}
		}
		p.env = append(p.env, template.Member{Key: name, Value: node})
	}
	put(constant(p.Name, "base_url"), "${base}")
	for _, item := range p.set.Credentials {
		name := fmt.Sprint(item.Key)
		put(constant(p.Name, name), fmt.Sprintf("${account[%q]}", name))
	}
	for _, item := range p.set.Env {
		put(fmt.Sprint(item.Key), fmt.Sprint(item.Value))
	}
	return problems
}

func constant(words ...string) string {
	text := strings.ToUpper(strings.Join(words, "_"))
	text = strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, text)
	if text[0] >= '0' && text[0] <= '9' {
		text = "_" + text
	}
	return text
}

// Env renders the variables that point an application at the mock, as names and values in the folder's order. Of the
// scope it needs the account's credentials and Base.
func (p *Provider) Env(s *template.Scope) ([][2]string, error) {
	var all [][2]string
	for _, m := range p.env {
		v, err := m.Value.Value(s)
		if err != nil {
			return nil, fmt.Errorf("provider %s: env %s: %w", p.Name, m.Key, err)
		}
		all = append(all, [2]string{m.Key, fmt.Sprint(v)})
	}
	return all, nil
}
