package mockserver

import (
	"context"
	"net/http"
)

// Handler serves everything that the server serves, for tests that delay a response on its way out.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// ReportDropped reports at once what the server reports from time to time.
func (s *Server) ReportDropped(ctx context.Context) { s.core.reportDroppedSince(ctx, 0) }
