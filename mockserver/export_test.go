package mockserver

import "net/http"

// Handler is all that the server serves, for tests that hold an answer up on its way out.
func (s *Server) Handler() http.Handler { return s.http.Handler }
