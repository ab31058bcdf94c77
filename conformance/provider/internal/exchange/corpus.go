package exchange

import (
	"fmt"
	"net/http"

	"github.com/idmock/idmock/openapi"
)

// UnknownKey is a key that no account has; the providers that ship refuse it.
const UnknownKey = "invalid_key_of_nobody"

// forbiddenKey is a key that mocks know as one without permissions.
const forbiddenKey = "forbidden_key"

// Keys are the keys of a run.
type Keys struct {
	Good      string
	Bad       string // empty: [UnknownKey]
	Forbidden string // empty: that of a mock, if the server is one
}

// Corpus holds the requests that checks select by name.
type Corpus struct {
	*Client
	Keys Keys
	Mock bool // the server is an idmock

	documented []*Request
}

// source returns the requests of a name.
type source func(c *Corpus) ([]*Request, error)

var sources = map[string]source{
	"documented": (*Corpus).Documented,
	"examples":   (*Corpus).examples,

	"truncated":      mutated(openapi.BadJSON, inPlace(truncateBody)),
	"no-body":        mutated(openapi.Invalid, inPlace(removeBody)),
	"array":          mutated(openapi.Invalid, inPlace(arrayBody)),
	"missing-member": mutated(openapi.Invalid, removeMembers),
	"wrong-type":     mutated(openapi.Invalid, wrongTypes),
	"media-type":     mutated(openapi.MediaType, inPlace(unknownMediaType)),
	"unknown-path":   first(3, mutated(openapi.UnknownPath, inPlace(unknownPath))),
	"method":         mutated(openapi.Method, otherMethod),
	"too-large":      (*Corpus).tooLarge,

	"no-key":        mutated(openapi.MissingCredential, inPlace(removeKey)),
	"malformed-key": mutated(openapi.MalformedCredential, malformedKeys),
	"bad-key":       (*Corpus).badKey,
	"forbidden-key": (*Corpus).forbiddenKey,
}

// IsSource reports whether [Corpus.Requests] knows a name.
func IsSource(name string) bool { return sources[name] != nil }

// Requests returns the requests of a name.
func (c *Corpus) Requests(name string) ([]*Request, error) { return sources[name](c) }

// Documented returns copies of the documented requests that the document itself accepts. Operations that stand for a
// dashboard or a browser script are included for mocks only, each with a key of its own, because they may change the
// account.
func (c *Corpus) Documented() ([]*Request, error) {
	if c.documented == nil {
		requests, err := c.read()
		if err != nil {
			return nil, err
		}
		c.documented = requests
	}
	copies := make([]*Request, len(c.documented))
	for i, r := range c.documented {
		copies[i] = r.Clone()
	}
	return copies, nil
}

// read reads the documented requests from the document.
func (c *Corpus) read() ([]*Request, error) {
	operations, err := c.Provider.Operations()
	if err != nil {
		return nil, err
	}
	var requests []*Request
	for _, op := range operations {
		key := c.Keys.Good
		if op.Dashboard || op.Mock || op.DashboardVerb() != "" {
			if !c.Mock || op.DashboardVerb() == openapi.DashboardTest { // a test event needs a webhook
				continue
			}
			key += "-" + op.ID
		}
		r, err := c.Client.Documented(op, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.ID, err)
		}
		if r.Refused == nil {
			requests = append(requests, r)
		}
	}
	return requests, nil
}

// examples returns a request for each documented response, which mocks select by the header Prefer.
func (c *Corpus) examples() ([]*Request, error) {
	if !c.Mock {
		return nil, nil
	}
	documented, err := c.Documented()
	if err != nil {
		return nil, err
	}
	var requests []*Request
	for _, r := range documented {
		seen := map[string]bool{}
		for _, name := range r.Op.Examples() {
			if seen[name] || r.Op.Dashboard || r.Op.DashboardVerb() != "" {
				continue // dashboards respond with the registered webhooks
			}
			seen[name] = true
			request := r.Clone()
			request.Example, request.Status = name, r.Op.ExampleStatus(name)
			request.Header.Set("Prefer", "example="+name)
			requests = append(requests, request)
		}
	}
	return requests, nil
}

// mutated returns the variants of the documented requests that the document refuses with an error of a kind.
func mutated(kind openapi.Kind, mutate mutation) source {
	return func(c *Corpus) ([]*Request, error) {
		documented, err := c.Documented()
		if err != nil {
			return nil, err
		}
		var requests []*Request
		for _, r := range documented {
			for _, variant := range mutate(c, r) {
				if _, refused := variant.Match(c.Provider); refused != nil && refused.Kind == kind {
					variant.Refused = refused
					requests = append(requests, variant)
				}
			}
		}
		return requests, nil
	}
}

// first returns at most n requests of a source, for mutations that do not depend on the operation.
func first(n int, from source) source {
	return func(c *Corpus) ([]*Request, error) {
		requests, err := from(c)
		return requests[:min(n, len(requests))], err
	}
}

// tooLarge returns a single request, because it is slow.
func (c *Corpus) tooLarge() ([]*Request, error) {
	documented, err := c.Documented()
	for _, r := range documented {
		if len(r.Body) > 0 && r.Op.Method == http.MethodPost {
			variant := r.Clone()
			tooLargeBody(c, variant)
			if _, variant.Refused = variant.Match(c.Provider); variant.Refused != nil && variant.Refused.Kind == openapi.TooLarge {
				return []*Request{variant}, nil
			}
		}
	}
	return nil, err
}

func (c *Corpus) badKey() ([]*Request, error) {
	if c.Keys.Bad == "" {
		return withKey(openapi.BadCredential, UnknownKey)(c)
	}
	return c.refusedKey(openapi.BadCredential, c.Keys.Bad)
}

func (c *Corpus) forbiddenKey() ([]*Request, error) {
	switch {
	case c.Keys.Forbidden != "":
		return c.refusedKey(openapi.Forbidden, c.Keys.Forbidden)
	case c.Mock:
		return withKey(openapi.Forbidden, forbiddenKey)(c)
	}
	return nil, nil
}

// withKey returns the documented requests with a key that the document refuses.
func withKey(kind openapi.Kind, key string) source {
	return mutated(kind, func(c *Corpus, r *Request) []*Request { return []*Request{c.WithKey(r, key)} })
}

// refusedKey returns the documented requests with a key that the server refuses, which the document cannot know.
func (c *Corpus) refusedKey(kind openapi.Kind, key string) ([]*Request, error) {
	documented, err := c.Documented()
	var requests []*Request
	for _, r := range documented {
		if !r.Op.Public && len(c.keyPlaces(r)) > 0 {
			r.Key, r.Refused = key, &openapi.Error{Kind: kind}
			requests = append(requests, r)
		}
	}
	return requests, err
}
