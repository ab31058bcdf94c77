package widget

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
)

// PlaygroundBase is the path of the pages on which a provider's script can be tried, one for each provider that has one.
const PlaygroundBase = "/playground/"

// Samples is what the playground shows.
type Samples interface {
	// Samples lists the providers that have one: names and what people call them.
	Samples() [][2]string
	// Sample is a provider's page, filled in with an account's keys and with the address of the mock, such as
	// http://127.0.0.1:8080. It is empty where there is none.
	Sample(ctx context.Context, provider, account, address string) (string, error)
}

//go:embed playground
var playground embed.FS

// policies of the page and of the sample in it. The sample is a page of somebody else's: it has no origin, so it can do
// nothing here but what pages of any origin may do.
const (
	pagePolicy   = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	samplePolicy = "sandbox allow-scripts allow-forms allow-modals"
)

// accountName is an account that a sample may be filled in for: what is put into a page must mean nothing there.
var accountName = regexp.MustCompile(`^[A-Za-z0-9_.:@-]{1,100}$`)

// Playground returns the handler of the pages. Whoever mounts it guards it as the viewer: it shows an account's keys.
func Playground(s Samples) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PlaygroundBase+"{$}", func(w http.ResponseWriter, r *http.Request) {
		var list strings.Builder
		for _, one := range s.Samples() {
			list.WriteString(`<li><a href="` + PlaygroundBase + one[0] + `">` + one[1] + `</a></li>`)
		}
		page(w, "list.html", map[string]string{"list": list.String()})
	})
	mux.HandleFunc("GET "+PlaygroundBase+"-/assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		src, err := fs.ReadFile(playground, path.Join("playground", r.PathValue("file")))
		kind := kinds[path.Ext(r.PathValue("file"))]
		if err != nil || strings.HasSuffix(r.PathValue("file"), ".html") {
			http.NotFound(w, r)
			return
		}
		head(w, pagePolicy, kind)
		w.Write(src) //nolint:errcheck // whoever asked has gone
	})
	mux.HandleFunc("GET "+PlaygroundBase+"{provider}", func(w http.ResponseWriter, r *http.Request) {
		for _, one := range s.Samples() {
			if one[0] == r.PathValue("provider") {
				page(w, "page.html", map[string]string{"provider": one[0], "title": one[1]})
				return
			}
		}
		http.NotFound(w, r)
	})
	mux.HandleFunc("GET "+PlaygroundBase+"{provider}/sample", func(w http.ResponseWriter, r *http.Request) {
		account := r.URL.Query().Get("account")
		if !accountName.MatchString(account) {
			http.Error(w, "account: want a name of letters, digits and .:@_-", http.StatusBadRequest)
			return
		}
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		html, err := s.Sample(r.Context(), r.PathValue("provider"), account, scheme+"://"+r.Host)
		if err != nil || html == "" {
			http.NotFound(w, r)
			return
		}
		head(w, samplePolicy, kinds[".html"])
		w.Write([]byte(html)) //nolint:errcheck // as above
	})
	return mux
}

func head(w http.ResponseWriter, policy, kind string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// page sends one of the playground's pages. What is put in comes from providers' folders, not from requests.
func page(w http.ResponseWriter, name string, values map[string]string) {
	src, err := fs.ReadFile(playground, "playground/"+name)
	if err != nil {
		panic("widget: " + err.Error()) // the files are part of the binary
	}
	html := string(src)
	for key, value := range values {
		html = strings.ReplaceAll(html, "{{"+key+"}}", value)
	}
	head(w, pagePolicy, kinds[".html"])
	w.Write([]byte(html)) //nolint:errcheck // whoever asked has gone
}
