// Package catalog is the list of the providers that ship, written out so that the list can be read. A new one adds its
// folder here and nowhere else in Go.
package catalog

import (
	"io/fs"
	"slices"
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

	summary openapi.Summary // of its provider.yaml, known without reading it
}

// Folders lists the folders that ship.
func Folders() []Folder {
	return []Folder{
		{"identitypass", identitypass.Folder, openapi.Summary{Title: "Identitypass", Prefix: "/identitypass", Hosts: []string{
			"api.myidentitypay.com", "api.myidentitypass.com", "sandbox.myidentitypass.com", "sandbox.myidentitypay.com", "js.myidentitypay.com",
		}}},
		{"prembly", prembly.Folder, openapi.Summary{Title: "Prembly", Prefix: "/prembly", Hosts: []string{"api.prembly.com", "backend.prembly.com", "js.prembly.com"}}},
		{"peleza", peleza.Folder, openapi.Summary{Title: "Peleza", Prefix: "/peleza"}},
		{"faceio", faceio.Folder, openapi.Summary{Title: "FACEIO", Prefix: "/faceio", Hosts: []string{"api.faceio.net", "cdn.faceio.net"}}},
		{"idwise", idwise.Folder, openapi.Summary{Title: "IDWise", Prefix: "/idwise", Hosts: []string{"api.idwise.com", "api-uae.idwise.com", "api-qat.idwise.com", "releases.idwise.com"}}},
	}
}

// Open returns every provider that ships. A provider's files are read at its first use, once in a process: most servers are
// called by one application, for one provider. Tests read them all.
func Open() ([]*openapi.Provider, error) { return slices.Clone(shipped()), nil }

var shipped = sync.OnceValue(func() (all []*openapi.Provider) {
	for _, f := range Folders() {
		all = append(all, openapi.Shipped(f.Name, f.FS, f.summary))
	}
	return all
})
