package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/idmock/idmock/scenarios"
)

// file is a scenario file that was read.
type file struct {
	name string
	src  []byte
}

// readScenarios reads files, and all .yaml files below folders, in a stable order.
func readScenarios(paths []string) ([]file, error) {
	var all []file
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: name scenario files, or folders of them", path, reason(err))
		}
		if !info.IsDir() {
			src, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, reason(err))
			}
			all = append(all, file{path, src})
			continue
		}
		before := len(all)
		err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
				return err
			}
			src, err := os.ReadFile(name)
			all = append(all, file{name, src})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(all) == before {
			return nil, fmt.Errorf("%s: no .yaml file in this folder: name scenario files, or folders of them", path)
		}
	}
	return all, nil
}

// reason drops the operation and the path, which the message says already.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// collect adds a file's mistakes to the rest; any other error is returned.
func collect(all *scenarios.Problems, err error) error {
	var mistakes scenarios.Problems
	if errors.As(err, &mistakes) {
		*all = append(*all, mistakes...)
		return nil
	}
	return err
}
