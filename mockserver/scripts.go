package mockserver

import (
	"net/http"
	"sync"

	"github.com/idmock/idmock/mockserver/engine"
	"github.com/idmock/idmock/mockserver/widget"
	"github.com/idmock/idmock/openapi"
)

// scripts serve the browser scripts of providers.
type scripts struct {
	check func(*http.Request) error // of the pages that use them
	pass  string                    // of the playground

	mu  sync.RWMutex
	all map[string]func() (*widget.Widget, error) // by provider
}

// of returns the handler of a provider's scripts; nil if it has none.
func (s *scripts) of(provider string) *widget.Widget {
	s.mu.RLock()
	read := s.all[provider]
	s.mu.RUnlock()
	w, _ := read() // serve has returned the error of a user's directory
	return w
}

// serve serves the scripts of a provider, in place of those of an earlier one of its name.
func (s *scripts) serve(p *openapi.Provider, version string, backend engine.SDK) error {
	read := sync.OnceValues(func() (*widget.Widget, error) {
		found, err := p.SDK().Files()
		if err != nil || len(found) == 0 {
			return nil, err
		}
		var files []widget.File
		for _, f := range found {
			files = append(files, widget.File{At: f.At, Hosts: f.Hosts, Parts: f.Parts})
		}
		return widget.New(widget.Options{Provider: p.Name, Title: p.Title, Prefix: p.Prefix, Version: version, Files: files,
			Check: s.check, Pass: s.pass}, backend), nil
	})
	if !p.IsShipped() {
		if _, err := read(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]func() (*widget.Widget, error){}
	}
	s.all[p.Name] = read
	return nil
}

func (c *core) sdk() engine.SDK { return engine.SDK{Engine: c.engine} }
