package catalog_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/openapi/openapitest"
)

func TestFolders(t *testing.T) {
	testenv.Long(t)
	for _, f := range catalog.Folders() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			openapitest.Run(t, f.Name, f.FS)
		})
	}
}

// The sources of facts, and the guesses, are documented beside the directory. They are not embedded.
func TestEachFolderHasAREADME(t *testing.T) {
	for _, f := range catalog.Folders() {
		src, err := os.ReadFile(filepath.Join("..", f.Name, "README.md"))
		if err != nil || len(src) < 500 {
			t.Errorf("%s: %d bytes, %v", f.Name, len(src), err)
		}
	}
}

func TestEachFolderIsInTheCatalogue(t *testing.T) {
	files, err := filepath.Glob("../*/provider.yaml")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, f := range catalog.Folders() {
		listed[f.Name] = true
	}
	for _, file := range files {
		if name := filepath.Base(filepath.Dir(file)); !listed[name] {
			t.Errorf("openapi/%s is a provider's folder that the catalogue does not list", name)
		}
	}
	all, err := catalog.Open()
	if err != nil || len(all) != len(files) {
		t.Errorf("%d providers open, %d folders: %v", len(all), len(files), err)
	}
}

// Requests are routed and pages list providers by these summaries before a folder is read.
func TestSummariesAreThoseOfTheFolders(t *testing.T) {
	all, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range catalog.Folders() {
		read, err := openapi.Open(f.Name, f.FS)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(read.Summary, all[i].Summary, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: correct its summary in Folders (-of the folder +of the catalogue):\n%s", f.Name, diff)
		}
	}
}
