package control

import (
	"net/http"
)

// Environments tells what points an application at the server.
type Environments interface {
	// Environment returns the variables for an account of a provider, whose base URL begins as the request did that
	// asks. The account is opened; "" is the one that plays what nobody has named one for.
	Environment(r *http.Request, account, provider string) (Environment, error)
}

// Environment is what an application is started with to speak to the server in an account's name.
type Environment struct {
	Provider  string     `json:"provider"`
	Account   string     `json:"account"`
	Variables []Variable `json:"variables"`
}

// Variable is an environment variable.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (a *api) environment(w http.ResponseWriter, r *http.Request) error {
	told, err := a.Environments.Environment(r, account(r), r.PathValue("name"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, told)
}
