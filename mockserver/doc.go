// Package mockserver is the library behind idmock: a server that fakes identity-verification providers. It serves
// their APIs from OpenAPI documents, plays scenarios, sends the webhooks that a provider would send, and offers a control
// API and a page.
//
//	s, err := mockserver.New(mockserver.Config{Providers: providers})
//	…
//	s.Start()
//	defer s.Stop(ctx)
//	http.Post(s.URL()+"/identitypass/…", …)
//	s.Control().Clocks.Advance(ctx, "my-key", 48*time.Hour)
//
// This package has the configuration, the route table and the life cycle. Package engine answers requests, package
// delivery sends webhooks, package scheduler runs jobs, and package store keeps state. Tests in Go use package
// mockservertest.
package mockserver
