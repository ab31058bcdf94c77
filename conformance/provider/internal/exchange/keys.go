package exchange

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// setKey sets a key as clients do. For Basic authentication, the key may include its secret (KEY:SECRET).
func (c *Client) setKey(r *http.Request, key string) {
	c.Provider.SetCredential(r, key)
	if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); scheme == "Basic" && strings.Contains(key, ":") {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(key)))
	}
}

// WithKey returns the request with another key.
func (c *Client) WithKey(r *Request, key string) *Request {
	clone := r.Clone()
	c.removeKey(clone)
	request := &http.Request{Method: r.Method, URL: &url.URL{Scheme: "http", Host: "provider.invalid", Path: r.Path, RawQuery: clone.Query.Encode()}, Header: clone.Header, Host: "provider.invalid"}
	c.setKey(request, key)
	clone.Header, clone.Query = request.Header, request.URL.Query()
	return clone
}

// removeKey removes the key from all of its places.
func (c *Client) removeKey(r *Request) {
	r.Key = ""
	for _, values := range []map[string][]string{r.Header, r.Query} {
		for name := range c.keyPlaces(r) {
			delete(values, name)
		}
	}
}

// keyPlaces returns the names of the headers and parameters that carry the key.
func (c *Client) keyPlaces(r *Request) map[string]bool {
	request, err := http.NewRequest(r.Method, placeholderURL+r.Path, nil)
	if err != nil {
		return nil
	}
	c.setKey(request, placeholderKey)
	places := map[string]bool{}
	for name := range request.Header {
		places[name] = true
	}
	for name := range request.URL.Query() {
		places[name] = true
	}
	return places
}
