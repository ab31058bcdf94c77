package exchange

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/idmock/idmock/openapi"
)

// mutation returns invalid variants of a valid request. Variants that the document accepts, or refuses for another reason,
// are dropped by the caller.
type mutation func(c *Corpus, r *Request) []*Request

// inPlace is a mutation with a single variant.
func inPlace(change func(c *Corpus, r *Request)) mutation {
	return func(c *Corpus, r *Request) []*Request {
		variant := r.Clone()
		change(c, variant)
		return []*Request{variant}
	}
}

func truncateBody(_ *Corpus, r *Request) {
	if n := len(r.Body); n > 1 && !strings.Contains(r.Header.Get("Content-Type"), "form") {
		r.Body = r.Body[:n-1]
	}
}

func removeBody(_ *Corpus, r *Request) { r.Body = nil }

func arrayBody(_ *Corpus, r *Request) {
	if bytes.HasPrefix(r.Body, []byte("{")) {
		r.Body = []byte("[1]")
	}
}

// removeMembers removes one member in each variant.
func removeMembers(_ *Corpus, r *Request) []*Request {
	var variants []*Request
	members := r.members()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		rest := maps.Clone(members)
		delete(rest, name)
		variants = append(variants, r.withMembers(rest))
	}
	return variants
}

// wrongTypes replaces one text or number with an object in each variant.
func wrongTypes(_ *Corpus, r *Request) []*Request {
	var variants []*Request
	members := r.members()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, object := members[name].(map[string]any); object {
			continue
		}
		changed := maps.Clone(members)
		changed[name] = map[string]any{"not": "this"}
		variants = append(variants, r.withMembers(changed))
	}
	return variants
}

func unknownMediaType(_ *Corpus, r *Request) {
	if len(r.Body) > 0 {
		r.Header.Set("Content-Type", "application/x-unknown")
	}
}

func unknownPath(_ *Corpus, r *Request) {
	r.Op, r.Path = nil, strings.TrimSuffix(r.Path, "/")+"/undocumented"
}

// otherMethod uses the first method that the document lacks on the path.
func otherMethod(c *Corpus, r *Request) []*Request {
	for _, method := range []string{http.MethodPatch, http.MethodDelete, http.MethodPut, http.MethodGet} {
		variant := r.Clone()
		variant.Method = method
		if _, refused := variant.Match(c.Provider); refused != nil && refused.Kind == openapi.Method {
			return []*Request{variant}
		}
	}
	return nil
}

func tooLargeBody(_ *Corpus, r *Request) {
	if len(r.Body) > 0 {
		r.Body = append([]byte(`{"filler":"`), bytes.Repeat([]byte("x"), openapi.MaxBody)...)
	}
}

func removeKey(c *Corpus, r *Request) { c.removeKey(r) }

// malformedKeys writes invalid Authorization headers.
func malformedKeys(_ *Corpus, r *Request) []*Request {
	if r.Header.Get("Authorization") == "" {
		return nil
	}
	var variants []*Request
	for _, value := range []string{"Basic %%%", "not-a-scheme", "Basic bm9jb2xvbg=="} {
		variant := r.Clone()
		variant.Key = ""
		variant.Header.Set("Authorization", value)
		variants = append(variants, variant)
	}
	return variants
}
