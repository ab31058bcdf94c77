package control

import (
	"net/http"
	"strconv"
)

func account(r *http.Request) string { return r.URL.Query().Get("account") }

// number reads a whole number from the query, or returns what it is without one.
func number(r *http.Request, name string, absent, least, most uint64) (uint64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, badRequest("%s is %q: give a whole number from %d to %d", name, text, least, most)
	}
	return n, nil
}
