package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/files"
	"github.com/idmock/idmock/openapi"
)

// Limits for one document.
const (
	maxTime   = 5 * time.Second
	maxMemory = 500 << 20
)

// result is what became of one document.
type result struct {
	name     string
	size     int
	refused  error // nil: accepted
	panicked bool
	start    time.Duration // until every operation is read
	memory   uint64        // bytes that it keeps

	operations int // of the document, served or not
	skipped    []string
	called     int
	unjudged   int      // the generated request or the response could not be judged
	wrong      []string // responses
}

// try serves a document and calls its operations.
func try(dir string, d document, o options) (r result) {
	r = result{name: d.name, size: len(d.text)}
	defer func() {
		if p := recover(); p != nil {
			r.panicked, r.refused = true, fmt.Errorf("panic: %v", p)
		}
	}()
	file := filepath.Join(dir, "document.json")
	if err := os.WriteFile(file, d.text, 0o600); err != nil {
		r.refused = err
		return r
	}
	before, started := heap(), time.Now()
	none := func() ([]*openapi.Provider, error) { return nil, nil }
	source := files.Source{BuiltIn: none, Documents: []files.Document{{From: file, Name: "corpus"}}}
	providers, err := source.OpenProviders()
	if err != nil {
		r.refused = err
		return r
	}
	p := providers[0]
	operations, err := p.Operations()
	if err != nil {
		r.refused = err
		return r
	}
	skipped, err := p.Skipped()
	if err != nil {
		r.refused = err
		return r
	}
	r.start, r.memory = time.Since(started), heap()-min(before, heap())
	for _, s := range skipped {
		r.skipped = append(r.skipped, fmt.Sprintf("%s %s: %s", s.Method, s.Path, s.Reason))
	}
	r.operations = len(operations) + len(skipped)
	server, err := mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: providers, Seed: 1})
	if err != nil {
		r.refused = err
		return r
	}
	server.Start()
	defer server.Stop(context.Background())
	j, err := newJudge(d.text)
	if err != nil {
		r.unjudged = len(operations)
		return r
	}
	defer j.Release()
	r.call(j, server.URL(), p, o)
	return r
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// call calls operations of the document as it lists them.
func (r *result) call(j *judge, url string, p *openapi.Provider, o options) {
	base := url + p.Prefix
	operations := j.operations()
	if o.calls > 0 && len(operations) > o.calls {
		rand.New(rand.NewPCG(o.seed, uint64(len(operations)))).Shuffle(len(operations), func(i, j int) { operations[i], operations[j] = operations[j], operations[i] })
		operations = operations[:o.calls]
	}
	for _, op := range operations {
		name := op.method + " " + op.path
		if slices.ContainsFunc(r.skipped, func(s string) bool { return strings.HasPrefix(s, name+":") }) {
			continue
		}
		request, err := j.request(op, base)
		if err != nil {
			r.unjudged++
			continue
		}
		r.called++
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			r.wrong = append(r.wrong, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err == nil && response.StatusCode >= 300 && response.StatusCode != http.StatusNotModified && !j.documentsOnly(op, response.StatusCode) {
			err = fmt.Errorf("responds with %d: %.300s", response.StatusCode, body)
		}
		if err == nil {
			err = j.validate(op, request, response, body)
		}
		switch {
		case errors.Is(err, errUnjudged):
			r.called--
			r.unjudged++
		case err != nil:
			r.wrong = append(r.wrong, fmt.Sprintf("%s: %v", name, err))
		}
	}
}

func (r *result) print(w io.Writer) {
	if r.refused != nil {
		fmt.Fprintf(w, "%s: refused: %v\n", r.name, r.refused)
	}
	if r.start > maxTime || r.memory > maxMemory {
		fmt.Fprintf(w, "%s: %v, %d MB\n", r.name, r.start, r.memory>>20)
	}
	for _, s := range r.skipped {
		fmt.Fprintf(w, "%s: skipped: %s\n", r.name, s)
	}
	for _, s := range r.wrong {
		fmt.Fprintf(w, "%s: wrong: %s\n", r.name, s)
	}
}
