// Package catalog is the list of the providers that ship, written out so that the list can be read. A new one adds its
// folder here and nowhere else in Go.
package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/faceio"
	"github.com/idmock/idmock/openapi/identitypass"
	"github.com/idmock/idmock/openapi/idwise"
	"github.com/idmock/idmock/openapi/peleza"
	"github.com/idmock/idmock/openapi/prembly"
)

// Folder is a provider's folder and its name.
type Folder struct {
	Name string
	FS   fs.FS
}

// Folders lists the folders that ship.
func Folders() []Folder {
	return []Folder{
		{"identitypass", identitypass.Folder},
		{"prembly", prembly.Folder},
		{"peleza", peleza.Folder},
		{"faceio", faceio.Folder},
		{"idwise", idwise.Folder},
	}
}

// Open opens every provider that ships, side by side: a server is ready no sooner.
func Open() ([]*openapi.Provider, error) {
	folders := Folders()
	all := make([]*openapi.Provider, len(folders))
	failures := make([]error, len(folders))
	var opened sync.WaitGroup
	for i, f := range folders {
		opened.Go(func() { all[i], failures[i] = openapi.Open(f.Name, f.FS) })
	}
	opened.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, fmt.Errorf("built-in %w", err)
	}
	return all, nil
}
