package control

import "net/http"

// health says that the process answers. It asks nobody, so that a store in trouble does not get the process killed.
func (a *api) health(w http.ResponseWriter, _ *http.Request) error {
	targets := "local"
	if a.options.StrictTargets {
		targets = "strict"
	}
	return send(w, http.StatusOK, map[string]string{"status": "ok", "version": a.options.Version, "targets": targets})
}

// ready says that calls can be answered.
func (a *api) ready(w http.ResponseWriter, r *http.Request) error {
	if err := a.Catalogue.Ready(r.Context()); err != nil {
		return problem{Status: http.StatusServiceUnavailable, Detail: err.Error()}
	}
	return send(w, http.StatusOK, map[string]string{"status": "ready"})
}
