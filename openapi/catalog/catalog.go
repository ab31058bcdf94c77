// Package catalog is the list of the providers that ship, written out so that the list can be read. A new one adds its
// folder here and nowhere else in Go.
package catalog

import (
	"fmt"
	"io/fs"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/faceio"
	"github.com/idmock/idmock/openapi/identitypass"
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
	}
}

// Open opens every provider that ships.
func Open() ([]*openapi.Provider, error) {
	var all []*openapi.Provider
	for _, f := range Folders() {
		p, err := openapi.Open(f.Name, f.FS)
		if err != nil {
			return nil, fmt.Errorf("built-in %w", err)
		}
		all = append(all, p)
	}
	return all, nil
}
