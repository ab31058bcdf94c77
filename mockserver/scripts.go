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
	all map[string]*widget.Widget // by provider; nil for one without scripts
}

// of returns the handler of a provider's scripts; nil if it has none.
func (s *scripts) of(provider string) *widget.Widget {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all[provider]
}

// serve serves the scripts of a provider, in place of those of an earlier one of its name.
func (s *scripts) serve(p *openapi.Provider, version string, backend engine.SDK) error {
	found, err := p.SDK().Files()
	if err != nil {
		return err
	}
	var w *widget.Widget
	if len(found) > 0 {
		var files []widget.File
		for _, f := range found {
			files = append(files, widget.File{At: f.At, Hosts: f.Hosts, Parts: f.Parts})
		}
		w = widget.New(widget.Options{Provider: p.Name, Title: p.Title, Prefix: p.Prefix, Version: version, Files: files,
			Check: s.check, Pass: s.pass}, backend)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*widget.Widget{}
	}
	s.all[p.Name] = w
	return nil
}

func (c *core) sdk() engine.SDK { return engine.SDK{Engine: c.engine} }
