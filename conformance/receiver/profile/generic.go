package profile

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

//go:embed generic
var files embed.FS

// Generic lists the names of the profiles for receivers that know their sender by a common scheme only.
func Generic() []string {
	entries, err := fs.ReadDir(files, "generic")
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

// OpenGeneric opens a profile that [Generic] lists, as a provider.
func OpenGeneric(name string) (*openapi.Provider, error) {
	dir, err := GenericDirectory(name)
	if err != nil {
		return nil, err
	}
	return openapi.Open(name, dir)
}

// GenericDirectory returns the provider directory of a profile: the common one with the profile's settings.
func GenericDirectory(name string) (fs.FS, error) {
	if !slices.Contains(Generic(), name) {
		return nil, fmt.Errorf("unknown profile %q: use %s", name, strings.Join(Generic(), ", "))
	}
	common, err := fs.Sub(files, "generic/common")
	if err != nil {
		return nil, err
	}
	var settings yaml.MapSlice
	for _, file := range []string{"generic/common/provider.yaml", "generic/" + name + ".yaml"} {
		src, err := files.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var part yaml.MapSlice
		if err := yaml.UnmarshalWithOptions(src, &part, yaml.UseOrderedMap()); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		settings = merge(settings, part)
	}
	provider, err := yaml.Marshal(settings)
	if err != nil {
		return nil, err
	}
	scenario, err := files.ReadFile("generic/common/scenarios/default.yaml")
	if err != nil {
		return nil, err
	}
	return &overlay{FS: common, own: map[string][]byte{
		"provider.yaml":          provider,
		"scenarios/default.yaml": bytes.ReplaceAll(scenario, []byte("PROVIDER"), []byte(name)),
	}}, nil
}

// merge returns lower with upper's settings on top, member by member.
func merge(lower, upper yaml.MapSlice) yaml.MapSlice {
	merged := slices.Clone(lower)
	for _, item := range upper {
		i := slices.IndexFunc(merged, func(m yaml.MapItem) bool { return m.Key == item.Key })
		if i < 0 {
			merged = append(merged, item)
			continue
		}
		below, isMap := merged[i].Value.(yaml.MapSlice)
		if above, both := item.Value.(yaml.MapSlice); isMap && both {
			item.Value = merge(below, above)
		}
		merged[i] = item
	}
	return merged
}

// overlay is a directory with some files replaced.
type overlay struct {
	fs.FS
	own map[string][]byte
}

// ReadFile implements [fs.ReadFileFS].
func (o *overlay) ReadFile(name string) ([]byte, error) {
	if own, ok := o.own[name]; ok {
		return own, nil
	}
	return fs.ReadFile(o.FS, name)
}
