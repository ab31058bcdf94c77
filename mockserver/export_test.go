package mockserver

import "net/http"

// Handler serves everything that the server serves, for tests that delay a response on its way out.
func (s *Server) Handler() http.Handler { return s.http.Handler }
