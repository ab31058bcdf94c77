package control

import "net/http"

func (a *api) defaults(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Runs.Defaults(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) setDefault(w http.ResponseWriter, r *http.Request) error {
	var d DefaultRequest
	if err := receive(w, r, &d); err != nil {
		return err
	}
	d.Account = account(r)
	if err := need("provider", d.Provider); err != nil {
		return err
	}
	if err := a.Runs.SetDefault(r.Context(), d); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
