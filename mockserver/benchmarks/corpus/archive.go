package main

import (
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/published"
)

// document is a published OpenAPI document.
type document struct {
	name string // of the file, below api
	text []byte
}

// choose reads the documents of a sample, which depends on the seed only, in the order of their names.
func choose(archive string, o options) ([]document, error) {
	var names []string
	err := published.Each(archive, func(name string, _ io.Reader) error {
		if strings.Contains(name, o.match) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no documents", archive)
	}
	slices.Sort(names)
	if o.sample > 0 {
		rand.New(rand.NewPCG(o.seed, 0)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		names = names[:min(o.sample, len(names))]
	}
	slices.Sort(names)
	var documents []document
	err = published.Each(archive, func(name string, text io.Reader) error {
		if _, ok := slices.BinarySearch(names, name); !ok {
			return nil
		}
		read, err := io.ReadAll(text)
		documents = append(documents, document{name, read})
		return err
	})
	slices.SortFunc(documents, func(a, b document) int { return cmp.Compare(a.name, b.name) })
	return documents, err
}
