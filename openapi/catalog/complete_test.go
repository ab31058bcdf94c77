package catalog_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/openapi/catalog"
)

func TestComplete(t *testing.T) {
	bare := fstest.MapFS{"provider.yaml": {Data: []byte("title: Mine")}}
	own := fstest.MapFS{"provider.yaml": {Data: []byte("title: Mine")}, "scenarios/own.yaml": {Data: []byte("scenario: own")}}
	builtIn := catalog.Folders()[0].Name
	for _, v := range []struct {
		name, provider string
		dir            fs.FS
		file           string
		found          bool
	}{
		{"built-in scenarios", builtIn, bare, "scenarios/default.yaml", true},
		{"the directory's own file", builtIn, bare, "provider.yaml", true},
		{"own scenarios replace the built-in ones", builtIn, own, "scenarios/default.yaml", false},
		{"own scenarios", builtIn, own, "scenarios/own.yaml", true},
		{"a new provider", "mine", bare, "scenarios/default.yaml", false},
	} {
		src, err := fs.ReadFile(catalog.Complete(v.provider, v.dir), v.file)
		if (err == nil) != v.found {
			t.Errorf("%s: %q, %v", v.name, src, err)
		}
	}
}
