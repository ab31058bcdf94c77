package openapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// sdk says which stand-ins for browser scripts the folder holds, and which operations they and pages may call.
type sdk struct {
	Files []sdkFile `yaml:"files"`
	// Pages are the operations that the real service lets pages of any origin call. All others are for backends, and
	// answer without a word about origins, as the real ones do.
	Pages globs `yaml:"pages"`
	// Play is a page, one of the folder's files, that shows how the scripts are embedded.
	Play string `yaml:"play"`
}

type sdkFile struct {
	At    string   `yaml:"at"`    // the path on the real host, * any one step of it; on the mock it is below the prefix
	Hosts []string `yaml:"hosts"` // the real hosts that serve it
	Files []string `yaml:"files"` // in the directory; served concatenated
}

// SDKFile is a file that pages load: a script, its style sheet, or a frame.
type SDKFile struct {
	At    string   // the path on the real hosts, and below the provider's prefix
	Hosts []string // the real hosts that serve it
	Parts [][]byte // served concatenated
}

// SDK returns the files that stand in for the provider's browser scripts. Most providers have none.
func (p *Provider) SDK() ([]SDKFile, error) {
	var all []SDKFile
	for _, f := range p.set.SDK.Files {
		made := SDKFile{At: f.At, Hosts: f.Hosts}
		for _, name := range f.Files {
			src, err := p.read(name)
			if err != nil {
				return nil, fmt.Errorf("provider %s: %s: %w", p.Name, name, err)
			}
			made.Parts = append(made.Parts, src)
		}
		all = append(all, made)
	}
	return all, nil
}

// HasSample reports whether the folder has a page that shows how the provider's scripts are embedded.
func (p *Provider) HasSample() bool { return p.set.SDK.Play != "" }

// Sample returns that page, filled in: ${expressions} over account and vars.base, the address at which the provider is
// served, stand for what differs.
func (p *Provider) Sample(s *template.Scope) (string, error) {
	src, err := p.read(p.set.SDK.Play)
	if err != nil {
		return "", err
	}
	node, err := template.String(string(src))
	if err != nil {
		return "", err
	}
	v, err := node.Value(s)
	return fmt.Sprint(v), err
}

// sdkHosts lists the hosts that serve scripts.
func (s *sdk) hosts() []string {
	var all []string
	for _, f := range s.Files {
		for _, host := range f.Hosts {
			if !slices.Contains(all, host) {
				all = append(all, host)
			}
		}
	}
	return all
}

// ForPages reports whether a page of any origin may make this call, or ask by OPTIONS whether it may make it.
func (p *Provider) ForPages(r *http.Request) bool {
	if len(p.set.SDK.Pages) == 0 {
		return false
	}
	d, err := p.load()
	if err != nil {
		return false
	}
	if method := r.Header.Get("Access-Control-Request-Method"); r.Method == http.MethodOptions && method != "" {
		asked := *r
		asked.Method = method
		r = &asked
	}
	op, refused := d.find(r)
	return refused == nil && p.set.SDK.Pages.match(op.ID)
}

// checkSDK reports scripts and pages that cannot be served.
func (p *Provider) checkSDK() error {
	var problems []error
	bad := func(i int, err error) {
		problems = append(problems, place("provider.yaml", []string{"sdk", "files", fmt.Sprint(i)}, err))
	}
	at := map[string]bool{}
	for i, f := range p.set.SDK.Files {
		if !strings.HasPrefix(f.At, "/") {
			bad(i, fmt.Errorf("sdk: at %q: it is the path on the real host, and begins with a slash", f.At))
		}
		if at[f.At] {
			bad(i, fmt.Errorf("sdk: at %s stands twice", f.At))
		}
		at[f.At] = true
		if len(f.Files) == 0 {
			bad(i, errors.New("sdk: files is missing: the names of the files in this folder that are served"))
		}
		for _, name := range f.Files {
			if _, err := p.read(name); err != nil {
				bad(i, fmt.Errorf("sdk: %s: %w", name, err))
			}
		}
	}
	if p.HasSample() {
		src, err := p.read(p.set.SDK.Play)
		if err == nil {
			_, err = template.String(string(src))
		}
		if err != nil {
			problems = append(problems, place("provider.yaml", []string{"sdk", "play"}, fmt.Errorf("sdk: %s: %w", p.set.SDK.Play, err)))
		}
	}
	return errors.Join(problems...)
}
