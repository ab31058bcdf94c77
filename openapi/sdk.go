package openapi

import (
	"fmt"
	"net/http"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/mistake"
)

// SDK serves the replacements of a provider's browser scripts.
type SDK struct{ p *Provider }

// SDKFile is a file that pages load: a script, its style sheet, or a frame.
type SDKFile struct {
	At    string   // the path on the real hosts, and below the provider's prefix
	Hosts []string // the real hosts
	Parts [][]byte // served one after the other
}

// Files returns the files of the scripts. Most providers have none.
func (s SDK) Files() ([]SDKFile, error) {
	var all []SDKFile
	for _, f := range s.p.read().set.SDK.Files {
		file := SDKFile{At: f.At, Hosts: f.Hosts}
		for _, name := range f.Files {
			src, err := mistake.ReadFile(s.p.fsys, name)
			if err != nil {
				return nil, fmt.Errorf("provider %s: %s: %w", s.p.Name, name, err)
			}
			file.Parts = append(file.Parts, src)
		}
		all = append(all, file)
	}
	return all, nil
}

// HasSample reports whether the directory has a page that shows how the scripts are embedded.
func (s SDK) HasSample() bool { return s.p.read().set.SDK.Play != "" }

// Sample renders that page. Its expressions read account and vars.base, the base URL of the provider.
func (s SDK) Sample(scope *template.Scope) (string, error) {
	src, err := mistake.ReadFile(s.p.fsys, s.p.read().set.SDK.Play)
	if err != nil {
		return "", err
	}
	node, err := template.String(string(src))
	if err != nil {
		return "", err
	}
	v, err := node.Value(scope)
	return fmt.Sprint(v), err
}

// ForPages reports whether a page of any origin may send this request, or the request that this preflight announces.
func (s SDK) ForPages(r *http.Request) bool {
	if len(s.p.read().set.SDK.Pages) == 0 {
		return false
	}
	d, err := s.p.load()
	if err != nil {
		return false
	}
	if method := r.Header.Get("Access-Control-Request-Method"); r.Method == http.MethodOptions && method != "" {
		announced := *r
		announced.Method = method
		r = &announced
	}
	op, _ := d.Find(r)
	return op != nil && s.p.read().set.SDK.Pages.Match(op.ID)
}
