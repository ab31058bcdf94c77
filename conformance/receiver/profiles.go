package receiver

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/idmock/idmock/openapi"
)

//go:embed profiles
var profiles embed.FS

// Generic lists the names of the profiles for receivers that know their sender by a common scheme, and have no folder of
// their provider at hand.
func Generic() []string {
	entries, err := fs.ReadDir(profiles, "profiles")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".yaml"); ok {
			names = append(names, name)
		}
	}
	return names
}

// OpenGeneric opens one of the profiles that [Generic] lists, as a provider.
func OpenGeneric(name string) (*openapi.Provider, error) {
	made, err := generic(name)
	if err != nil {
		return nil, err
	}
	return openapi.Open(name, made)
}

func generic(name string) (*folder, error) {
	if !slices.Contains(Generic(), name) {
		return nil, fmt.Errorf("no profile is called %q, want one of %s", name, strings.Join(Generic(), ", "))
	}
	common, err := fs.Sub(profiles, "profiles/common")
	if err != nil {
		return nil, err
	}
	made := &folder{FS: common, own: map[string][]byte{}}
	for file, from := range map[string][]string{
		"provider.yaml":          {"profiles/" + name + ".yaml", "profiles/common/provider.yaml"},
		"scenarios/default.yaml": {"profiles/common/scenarios/default.yaml"},
	} {
		for _, part := range from {
			src, err := profiles.ReadFile(part)
			if err != nil {
				return nil, err
			}
			made.own[file] = append(made.own[file], bytes.ReplaceAll(src, []byte("PROVIDER"), []byte(name))...)
		}
	}
	return made, nil
}

// folder is the common folder with some files of its own.
type folder struct {
	fs.FS
	own map[string][]byte
}

// ReadFile implements [fs.ReadFileFS].
func (f *folder) ReadFile(name string) ([]byte, error) {
	if own, ok := f.own[name]; ok {
		return own, nil
	}
	return fs.ReadFile(f.FS, name)
}
