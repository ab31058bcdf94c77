package widget

import "net/http"

// Open allows pages of any origin to read a response, as the providers' services do. The requests carry no cookies, so that this
// exposes nothing of the browser's.
func Open(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "X-Idmock")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// Preflight responds to a CORS preflight request. The caller has applied [Open] to the headers.
func Preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
	if requested := r.Header.Get("Access-Control-Request-Headers"); requested != "" {
		h.Set("Access-Control-Allow-Headers", requested)
		h.Set("Vary", "Access-Control-Request-Headers")
	}
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true") // a public page may use a mock on the developer's machine
	}
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}
