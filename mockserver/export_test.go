package mockserver

import "net/http"

// Handler is all that the server serves, for tests that hold an answer up on its way out.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// StartScheduler starts what Start starts, but for listening: in a testing/synctest bubble, time would not pass while
// a goroutine listens.
func (s *Server) StartScheduler() { s.running.Go(s.begin) }
