package receiver

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

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
	slices.Sort(names)
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
	var settings yaml.MapSlice
	for _, file := range []string{"profiles/common/provider.yaml", "profiles/" + name + ".yaml"} {
		src, err := profiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var part yaml.MapSlice
		if err := yaml.UnmarshalWithOptions(src, &part, yaml.UseOrderedMap()); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		settings = over(settings, part)
	}
	provider, err := yaml.Marshal(settings)
	if err != nil {
		return nil, err
	}
	scenario, err := profiles.ReadFile("profiles/common/scenarios/default.yaml")
	if err != nil {
		return nil, err
	}
	return &folder{FS: common, own: map[string][]byte{
		"provider.yaml":          provider,
		"scenarios/default.yaml": bytes.ReplaceAll(scenario, []byte("PROVIDER"), []byte(name)),
	}}, nil
}

// over lays settings over others: what only one of them has stays, and of what both have the upper one's counts.
func over(lower, upper yaml.MapSlice) yaml.MapSlice {
	made := slices.Clone(lower)
	for _, item := range upper {
		i := slices.IndexFunc(made, func(m yaml.MapItem) bool { return m.Key == item.Key })
		if i < 0 {
			made = append(made, item)
			continue
		}
		below, ok := made[i].Value.(yaml.MapSlice)
		if above, both := item.Value.(yaml.MapSlice); ok && both {
			item.Value = over(below, above)
		}
		made[i] = item
	}
	return made
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
