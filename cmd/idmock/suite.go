package main

import (
	"path/filepath"
)

// suite is what was named by one argument of play: a file, or a folder with all that is in it.
type suite struct {
	name  string
	files []file
}

// readSuites reads every file that was named, in a stable order.
func readSuites(paths []string) ([]suite, error) {
	var all []suite
	for _, path := range paths {
		files, err := readScenarios([]string{path})
		if err != nil {
			return nil, err
		}
		all = append(all, suite{filepath.Clean(path), files})
	}
	return all, nil
}

// beside lists the files that play with one of a suite: itself, and the scenario of its folder that is the ordinary life
// of the provider, if there is one.
func (s suite) beside(one file) []file {
	files := []file{one}
	for _, other := range s.files {
		base := filepath.Base(other.name)
		if other.name != one.name && filepath.Dir(other.name) == filepath.Dir(one.name) && (base == "default.yaml" || base == "default.yml") {
			files = append(files, other)
		}
	}
	return files
}
