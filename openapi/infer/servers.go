package infer

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// servers reads base paths and host names from the servers of the document, its paths and its operations.
func (p *provider) servers() {
	lists := []*template.Node{p.doc.Lookup("servers")}
	for _, path := range p.doc.Lookup("paths").Members() {
		item := p.doc.Resolve(path.Value)
		lists = append(lists, item.Lookup("servers"))
		for _, m := range item.Members() {
			lists = append(lists, m.Value.Lookup("servers"))
		}
	}
	for _, list := range lists {
		for _, server := range list.Items() {
			p.server(server)
		}
	}
}

func (p *provider) server(n *template.Node) {
	raw := textOf(n.Lookup("url"))
	for _, v := range n.Lookup("variables").Members() {
		raw = strings.ReplaceAll(raw, "{"+v.Key+"}", textOf(v.Value.Lookup("default")))
	}
	if raw != "" && !strings.Contains(raw, "://") && !strings.HasPrefix(raw, "/") {
		raw = "https://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return
	}
	if base := strings.TrimRight(u.Path, "/"); base != "" && !strings.ContainsAny(base, "{} ") && !slices.Contains(p.bases, base) {
		p.bases = append(p.bases, base)
	}
	p.host(u.Hostname())
}

// host adds a host name, unless it is a placeholder or this machine.
func (p *provider) host(name string) {
	name = strings.ToLower(name)
	if net.ParseIP(name) != nil || !strings.Contains(name, ".") || strings.ContainsAny(name, "{}<>$ _") || slices.Contains(p.hosts, name) {
		return
	}
	for _, suffix := range []string{"example.com", "example.org", "example.net", ".example", ".local", ".localhost", ".test", ".invalid"} {
		if strings.HasSuffix(name, suffix) {
			return
		}
	}
	p.hosts = append(p.hosts, name)
}

// relative returns a path without the base path that it begins with.
func (p *provider) relative(path string) string {
	for _, base := range p.bases {
		if rest, ok := strings.CutPrefix(path, base); ok && strings.HasPrefix(rest, "/") {
			return rest
		}
	}
	return path
}
