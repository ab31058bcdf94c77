package widget

import (
	"context"
	"embed"
	"html"
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/idmock/idmock/internal/asset"
)

// PlaygroundBase is the path prefix of the pages for trying a provider's script, one per provider that has one.
const PlaygroundBase = "/playground/"

// Samples provides the playground's content.
type Samples interface {
	// Samples lists the providers with a sample page.
	Samples() []SamplePage
	// Sample returns a provider's sample page with an account's keys and the address of the mock, such as
	// http://127.0.0.1:8080 or a relative one, filled in; "" if the provider has none.
	Sample(ctx context.Context, provider, account, address string) (string, error)
}

// SamplePage is a provider's sign-up page.
type SamplePage struct {
	Provider, Title string
	Script          string // real address of its script, such as cdn.faceio.net/fio.js
}

//go:embed playground
var playground embed.FS

// The sample is third-party content: the sandbox gives it an opaque origin, so that it has no more access than a page of any origin.
const (
	pagePolicy   = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	samplePolicy = "sandbox allow-scripts allow-forms allow-modals"
)

// accountName matches accounts that can be inserted into a page without escaping, of at most maxAccountName bytes.
var accountName = regexp.MustCompile(`^[A-Za-z0-9_.:@-]+$`)

// baseURL matches addresses that can be inserted into a page without escaping, of at most maxBaseURL bytes.
var baseURL = regexp.MustCompile(`^https?://[A-Za-z0-9._~:%\[\]/-]+$`)

// Limits outside the expressions, which would compile to a copy for each byte at the start of every process.
const maxAccountName, maxBaseURL = 100, 500

// Playground returns the handler of the pages. They contain an account's keys: the caller protects them like the viewer.
// pass is that of the widgets.
func Playground(s Samples, pass string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PlaygroundBase+"{$}", func(w http.ResponseWriter, _ *http.Request) { listSamples(w, s) })
	mux.HandleFunc("GET "+PlaygroundBase+"-/assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("file")
		src, err := playground.ReadFile(path.Join("playground", name))
		if err != nil || strings.HasSuffix(name, ".html") {
			http.NotFound(w, r)
			return
		}
		sendPage(w, pagePolicy, asset.MediaType(name), src)
	})
	mux.HandleFunc("GET "+PlaygroundBase+"{provider}", func(w http.ResponseWriter, r *http.Request) {
		for _, sample := range s.Samples() {
			if sample.Provider == r.PathValue("provider") {
				renderPage(w, "page.html", map[string]string{"provider": sample.Provider, "title": sample.Title})
				return
			}
		}
		http.NotFound(w, r)
	})
	mux.HandleFunc("GET "+PlaygroundBase+"{provider}/sample", func(w http.ResponseWriter, r *http.Request) { sendSample(w, r, s, pass) })
	return mux
}

func listSamples(w http.ResponseWriter, s Samples) {
	var list strings.Builder
	for _, sample := range s.Samples() {
		list.WriteString(`<li><a href="` + sample.Provider + `"><strong>` + html.EscapeString(sample.Title) + `</strong><span>Sign-up page with ` + html.EscapeString(sample.Script) + `</span></a></li>`)
	}
	renderPage(w, "list.html", map[string]string{"list": list.String()})
}

func sendSample(w http.ResponseWriter, r *http.Request, s Samples, pass string) {
	account := r.URL.Query().Get("account")
	if len(account) > maxAccountName || !accountName.MatchString(account) {
		http.Error(w, "invalid account: use letters, digits and .:@_-", http.StatusBadRequest)
		return
	}
	source := r.URL.Query().Has("source")
	address := "../.." // relative to the sample: a proxy may serve the server below a path
	if source {
		if address = r.URL.Query().Get("source"); len(address) > maxBaseURL || !baseURL.MatchString(address) {
			http.Error(w, "invalid source: use the server's base URL, such as http://127.0.0.1:8080", http.StatusBadRequest)
			return
		}
	}
	page, err := s.Sample(r.Context(), r.PathValue("provider"), account, address)
	if err != nil || page == "" {
		http.NotFound(w, r)
		return
	}
	if source { // as users would write it
		sendPage(w, samplePolicy, "text/plain; charset=utf-8", []byte(page))
		return
	}
	form, err := playground.ReadFile("playground/form.html")
	if err != nil {
		panic("widget: " + err.Error()) // impossible: the files are embedded
	}
	page = strings.Replace(page, "<body>", "<body>\n"+string(form), 1)
	page += "\n<meta name=\"idmock-pass\" content=\"" + pass + "\">\n" // scripts look for it
	sendPage(w, samplePolicy, asset.MediaType(".html"), []byte(page))
}

// renderPage sends a page with values filled in. The values come from provider directories, not from requests.
func renderPage(w http.ResponseWriter, name string, values map[string]string) {
	src, err := playground.ReadFile("playground/" + name)
	if err != nil {
		panic("widget: " + err.Error()) // impossible: the files are embedded
	}
	page := string(src)
	for key, value := range values {
		page = strings.ReplaceAll(page, "{{"+key+"}}", value)
	}
	sendPage(w, pagePolicy, asset.MediaType(".html"), []byte(page))
}

func sendPage(w http.ResponseWriter, policy, mediaType string, body []byte) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", mediaType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // fails only if the client disconnected
}
