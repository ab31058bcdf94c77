package control

import (
	"context"
	"net/http"
)

// PublicURLs say under which base URL applications reach the server.
type PublicURLs interface {
	// PublicURL is the base URL that was set, empty where it is learnt from each request.
	PublicURL(ctx context.Context) (string, error)
	// SetPublicURL sets it; the empty one has it learnt again.
	SetPublicURL(ctx context.Context, url string) error
}

type publicURL struct {
	URL string `json:"url"`
}

func (a *api) publicURL(w http.ResponseWriter, r *http.Request) error {
	set, err := a.PublicURLs.PublicURL(r.Context())
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, publicURL{set})
}

func (a *api) setPublicURL(w http.ResponseWriter, r *http.Request) error {
	var body publicURL
	if err := receive(w, r, &body); err != nil {
		return err
	}
	if err := a.PublicURLs.SetPublicURL(r.Context(), body.URL); err != nil {
		return err
	}
	return a.publicURL(w, r)
}
