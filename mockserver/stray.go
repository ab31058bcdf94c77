package mockserver

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/engine"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
)

// stray responds to a request that belongs neither to a provider nor to the page: an application whose base URL lacks the
// provider's prefix. The response says so, and the journal has it.
func (s *Server) stray(guard access.Guard, w http.ResponseWriter, r *http.Request) {
	if err := guard.Origin(r); err != nil {
		access.Forbid(w, err)
		return
	}
	started, root := time.Now(), requestRoot(r)
	raw, _ := io.ReadAll(io.LimitReader(r.Body, openapi.MaxBody)) // what cannot be read is not journalled
	serving := s.serving(r)
	why := s.strayReason(r, root, serving)
	body, err := json.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(http.StatusNotFound), "status": http.StatusNotFound, "detail": why})
	if err != nil {
		panic(err) // impossible: texts and a number
	}
	reply := openapi.Reply{Status: http.StatusNotFound, Header: [][2]string{{"Content-Type", problem.MediaType}}, Body: body}
	likely := serving
	if len(likely) == 0 {
		likely = s.core.library.All()
	}
	in := engine.Stray{Raw: raw, Reply: reply, Why: why, Likely: likely, Incoming: engine.Incoming{
		Method: r.Method, Path: r.URL.RequestURI(), Headers: requestHeaders(r), Root: root, Started: started}}
	if err := s.core.engine.LogStray(r, in); err != nil {
		s.core.config.Logger.Warn("request without a provider not journalled", "path", r.URL.Path, "error", err)
	}
	setHeaders(w.Header(), reply.Header)
	setHint(w.Header(), why)
	w.WriteHeader(reply.Status)
	w.Write(reply.Body) //nolint:errcheck // client disconnected; the journal has the response
}

// serving returns the providers that have an operation for a request, whatever its method.
func (s *Server) serving(r *http.Request) []*library.Provider {
	var all []*library.Provider
	for _, p := range s.core.library.All() {
		if p.HasPath(r) {
			all = append(all, p)
		}
	}
	return all
}

// strayReason is the cause of the 404, and what to do.
func (s *Server) strayReason(r *http.Request, root string, serving []*library.Provider) string {
	if len(serving) == 1 {
		p := serving[0]
		hint := fmt.Sprintf("%s is a path of %s: use %s%s%s", r.URL.Path, p.Title, root, p.Prefix, r.URL.Path)
		if len(p.Hosts) > 0 {
			hint += ", or the Host " + p.Hosts[0]
		}
		return hint
	}
	from := serving
	if len(from) == 0 {
		from = s.core.library.All()
	}
	prefixes := make([]string, len(from))
	for i, p := range from {
		prefixes[i] = p.Prefix
	}
	list := strings.Join(prefixes, ", ")
	if len(serving) > 0 {
		return fmt.Sprintf("%s is a path of several providers: add the prefix of one (%s) or its Host", r.URL.Path, list)
	}
	return fmt.Sprintf("%s belongs to no provider: this server serves %s: add the prefix or the Host", r.URL.Path, list)
}
