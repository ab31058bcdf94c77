// Package help serves the guides as web pages, so that they can be read offline in the version of the running server.
//
// The text of the guides does not belong here: see package docs.
package help

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Base is the path of the guides.
const Base = "/_idmock/help/"

// policy allows the page's own style and nothing else: guides have no scripts.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed page.html
var layout string

// Handler serves the guides.
type Handler struct {
	pages      fs.FS
	repository string
	page       *template.Template
	markdown   goldmark.Markdown
	rendered   sync.Map // path to []byte
}

// New returns a handler of the Markdown files in pages. Links to other files lead to the repository, a URL.
func New(pages fs.FS, repository string) *Handler {
	return &Handler{
		pages: pages, repository: repository,
		page:     template.Must(template.New("page").Parse(layout)),
		markdown: goldmark.New(goldmark.WithExtensions(extension.Table, extension.Linkify), goldmark.WithParserOptions(parser.WithAutoHeadingID())),
	}
}

// ServeHTTP serves a page: NAME is the file NAME.md, and the root is README.md.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "use GET", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, Base)
	if name == "" {
		name = "README"
	}
	body, err := h.render(strings.TrimSuffix(name, ".md") + ".md")
	if err != nil {
		http.Error(w, fmt.Sprintf("no page %q: see %s", name, Base), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(body) // the client may have gone
}

// render returns a page as HTML. It is rendered once.
func (h *Handler) render(file string) ([]byte, error) {
	if done, ok := h.rendered.Load(file); ok {
		return done.([]byte), nil
	}
	src, err := fs.ReadFile(h.pages, file)
	if err != nil {
		return nil, err
	}
	tree := h.markdown.Parser().Parse(text.NewReader(src))
	if err := ast.Walk(tree, h.relink(file)); err != nil {
		return nil, err
	}
	var body, page bytes.Buffer
	if err := h.markdown.Renderer().Render(&body, src, tree); err != nil {
		return nil, err
	}
	err = h.page.Execute(&page, map[string]any{"Title": title(src), "Root": up(file), "Body": template.HTML(body.String())}) //nolint:gosec // our own text, and goldmark omits raw HTML
	if err != nil {
		return nil, err
	}
	h.rendered.Store(file, page.Bytes())
	return page.Bytes(), nil
}

// relink makes the links of a file ones between pages, or into the repository.
func (h *Handler) relink(file string) ast.Walker {
	return func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok && entering {
			link.Destination = []byte(h.target(file, string(link.Destination)))
		}
		return ast.WalkContinue, nil
	}
}

// target returns the address of a link in a file.
func (h *Handler) target(file, link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "" || u.Path == "" {
		return link
	}
	to := path.Join("docs", path.Dir(file), u.Path)
	if inside, ok := strings.CutPrefix(to, "docs/"); ok {
		if _, err := fs.Stat(h.pages, inside); err == nil {
			u.Path = up(file) + strings.TrimSuffix(strings.TrimSuffix(inside, ".md"), "README")
			return u.String()
		}
	}
	return h.repository + "/blob/main/" + to
}

// up returns the way from a file to the root of the guides. Links are relative, because a proxy may serve below a prefix.
func up(file string) string { return "./" + strings.Repeat("../", strings.Count(file, "/")) }

// title returns the first heading.
func title(src []byte) string {
	line, _, _ := strings.Cut(string(src), "\n")
	return strings.TrimPrefix(line, "# ")
}
