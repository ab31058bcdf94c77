package control

import (
	"net/http"

	"github.com/idmock/idmock/mockserver/metrics"
)

func (a *api) metrics(w http.ResponseWriter, r *http.Request) error {
	text, err := a.options.Metrics.Append(r.Context(), nil)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, metrics.ContentType, text)
	return nil
}
