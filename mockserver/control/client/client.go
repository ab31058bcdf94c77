// Package client calls the control API of a running idmock server.
//
// Methods return the control package's types. A request that the server refuses is an [*Error], decoded from its RFC 9457
// problem; a server that cannot be reached, or is not idmock, is [ErrUnreachable]. A cancelled context returns its cause.
//
// The package does not retry, does not interpret journal entries, and does not start servers.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/idmock/idmock/mockserver/control"
)

// maxProblem limits how much of an error response is read, in bytes.
const maxProblem = 1 << 20

// Client is a client for one server, safe for concurrent use. Its requests apply to all accounts until [Client.For]
// selects one.
type Client struct {
	base    string // without a trailing slash
	token   string
	account string
	http    *http.Client
}

// Options configure a Client. The zero value works.
type Options struct {
	HTTP  *http.Client // nil: a client of its own, without a proxy
	Token string       // the server's control token, if it requires one
}

// New returns a client for the server at base, such as http://127.0.0.1:8080.
func New(base string, o Options) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("invalid server URL %q: use one such as http://127.0.0.1:8080", base)
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Transport: &http.Transport{}}
	}
	return &Client{base: strings.TrimSuffix(base, "/"), token: o.Token, http: o.HTTP}, nil
}

// For returns a client whose requests apply to one account. It shares connections with c.
func (c *Client) For(account string) *Client {
	scoped := *c
	scoped.account = account
	return &scoped
}

// URL returns the server's base URL, without a trailing slash.
func (c *Client) URL() string { return c.base }

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// NewRequest returns a request with the client's account and token. path is relative to [control.Base] and may have a
// query. A string body is sent unchanged, nil sends none, anything else is encoded as JSON.
func (c *Client) NewRequest(ctx context.Context, method, path string, body any) (*http.Request, error) {
	payload, err := encode(body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: encode the request: %w", method, path, err)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+control.Base+path, payload)
	if err != nil {
		return nil, err
	}
	if c.account != "" {
		query := request.URL.Query()
		query.Set("account", c.account)
		request.URL.RawQuery = query.Encode()
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request, nil
}

func encode(body any) (io.Reader, error) {
	switch body := body.(type) {
	case nil:
		return nil, nil
	case string:
		return strings.NewReader(body), nil
	}
	src, err := json.Marshal(body)
	return bytes.NewReader(src), err
}

// do sends a request and returns its response, which is a success. The caller closes the body.
func do(ctx context.Context, c *Client, method, path string, body any) (*http.Response, error) {
	request, err := c.NewRequest(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if ctx.Err() != nil {
		if err == nil {
			response.Body.Close()
		}
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, unreachable("no idmock server at %s: %w: start one with `idmock serve`, or correct the address", c.base, err)
	}
	if response.StatusCode < 300 {
		return response, nil
	}
	defer response.Body.Close()
	return nil, decodeError(request, response)
}

// send sends a request and ignores the response's body.
func send(ctx context.Context, c *Client, method, path string, body any) error {
	response, err := do(ctx, c, method, path, body)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// call sends a request and decodes the response.
func call[T any](ctx context.Context, c *Client, method, path string, body any) (result T, err error) {
	response, err := do(ctx, c, method, path, body)
	if err != nil {
		return result, err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&result); err != nil {
		if ctx.Err() != nil {
			return result, context.Cause(ctx)
		}
		return result, unreachable("%s%s%s: cannot decode the response: %w: is this an idmock server?", c.base, control.Base, path, err)
	}
	return result, nil
}
