package widget

import "net/http"

// Open lets pages of any origin read an answer, as the real services' scripts and the calls of those do. No cookie and no
// other secret of the browser's is ever meant, so it is for everybody.
func Open(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "X-Idmock")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// Preflight answers a browser that asks whether a page may make a call. The headers of the answer are opened already.
func Preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
		h.Set("Vary", "Access-Control-Request-Headers")
	}
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true") // a page on the web may use a mock on the machine it is read on
	}
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}
