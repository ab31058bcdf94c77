package mockserver

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/admission"
	"github.com/idmock/idmock/mockserver/engine"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/webhook/fault"
)

// ScenarioHeader is the header with which a request chooses its scenario.
const ScenarioHeader = engine.ScenarioHeader

// respond answers a request to a provider.
func (s *Server) respond(p *library.Provider, w http.ResponseWriter, r *http.Request) {
	response, err := s.core.engine.Handle(r, p, engine.Incoming{
		Method: r.Method, Path: r.URL.RequestURI(), Headers: requestHeaders(r), Root: requestRoot(r),
		Scenario: r.Header.Get(ScenarioHeader), Prefer: strings.Join(r.Header["Prefer"], ","), Started: time.Now()})
	if body, ok := r.Body.(*admission.Body); ok { // the response needs it no more, and may be delayed
		body.Release()
	}
	if response.Sent != nil {
		defer response.Sent()
	}
	if err != nil {
		s.core.config.Logger.Error("request failed", "provider", p.Name, "path", r.URL.Path, "error", err)
		http.Error(w, "idmock: "+err.Error(), http.StatusInternalServerError)
		return
	}
	if response.Hang {
		<-r.Context().Done() // until the client gives up, or the server stops
		panic(http.ErrAbortHandler)
	}
	if response.Wait != nil && response.Wait(r.Context()) != nil {
		panic(http.ErrAbortHandler)
	}
	setHeaders(w.Header(), response.Header)
	setHint(w.Header(), response.Hint)
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(response.Body))}
	if response.Faults != nil {
		writeFaulty(w, r, response)
		return
	}
	w.WriteHeader(response.Status)
	w.Write(response.Body) //nolint:errcheck // client disconnected; the journal has the response
	if response.Sent != nil {
		http.NewResponseController(w).Flush() //nolint:errcheck // as above
	}
}

// setHeaders adds a response's headers to those of the server, which a scenario cannot replace.
func setHeaders(to http.Header, headers [][2]string) {
	for _, h := range headers {
		switch name := http.CanonicalHeaderKey(h[0]); name {
		case "Content-Security-Policy": // browsers apply all
			to.Add(name, h[1])
		case "X-Content-Type-Options":
		default:
			to[name] = []string{h[1]}
		}
	}
}

// maxHint is the size of a hint in a header, in bytes.
const maxHint = 500

// setHint says in a header why a request was refused. Parts of the request may be in the text.
func setHint(to http.Header, hint string) {
	if hint == "" {
		return
	}
	text := []byte(hint[:min(len(hint), maxHint)])
	for i, b := range text {
		if b < ' ' || b > '~' {
			text[i] = '?'
		}
	}
	to[engine.HintHeader] = []string{string(text)}
}

// writeFaulty writes a response with faults of its transfer.
func writeFaulty(w http.ResponseWriter, r *http.Request, response engine.Response) {
	faults, control := response.Faults, http.NewResponseController(w)
	if faults.Reset && faults.Sent(len(response.Body)) == 0 {
		resetConnection(control)
	}
	w.WriteHeader(response.Status)
	body := response.Body
	if faults.Keep != nil {
		body = body[:faults.Sent(len(body))]
	}
	failed := writeSlowly(r.Context(), w, control, body, faults)
	_ = control.Flush() // the client may have disconnected: the journal has the response
	if failed != nil || faults.Keep == nil {
		return
	}
	if faults.Reset {
		resetConnection(control)
	}
	panic(http.ErrAbortHandler) // closes the connection, with less sent than announced
}

// writeSlowly writes a body, in pieces if it is to take a while.
func writeSlowly(ctx context.Context, w http.ResponseWriter, control *http.ResponseController, body []byte, faults *fault.Answer) error {
	if faults.Over == 0 {
		_, err := w.Write(body)
		return err
	}
	pause := time.NewTicker(max(time.Millisecond, faults.Over/time.Duration(faults.Pieces)))
	defer pause.Stop()
	for size := max(1, (len(body)+faults.Pieces-1)/faults.Pieces); len(body) > 0; {
		n := min(size, len(body))
		if _, err := w.Write(body[:n]); err != nil {
			return err
		}
		if err := control.Flush(); err != nil {
			return err
		}
		body = body[n:]
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// resetConnection resets a client's connection and ends its handler.
func resetConnection(control *http.ResponseController) {
	conn, _, err := control.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // there is no connection below, or not one of HTTP/1
	}
	if plain, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = plain.SetLinger(0) // closing then resets; on a closed connection there is nothing to reset
	}
	_ = conn.Close()
	panic(http.ErrAbortHandler)
}
