package bundle_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
)

// join returns a document with its files as JSON.
func join(t *testing.T, files map[string]string) (*template.Node, string) {
	t.Helper()
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	root, err := template.ReadDocument(strings.NewReader(files["api/openapi.yaml"]))
	if err != nil {
		t.Fatal(err)
	}
	joined := bundle.Join(root, bundle.Directory{FS: dir, Name: "api/openapi.yaml"})
	text, err := joined.Append(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return joined, string(text)
}

func TestJoin(t *testing.T) {
	_, text := join(t, map[string]string{
		"api/openapi.yaml": `
paths: {/a: {$ref: 'paths/a%20b.yaml'}, /b: {$ref: '#/paths/~1a'}}
components: {schemas: {Any: {discriminator: {propertyName: kind, mapping: {one: ../one.yaml, Two: Two}}, example: {$ref: data}, properties: {example: {$ref: ../one.yaml}}}}}`,
		"api/paths/a b.yaml": `get: {schema: {$ref: ../../one.yaml#/Deep}, other: {$ref: '#/get/schema'}, root: {$ref: '../openapi.yaml#/components/schemas/Any'}}`,
		"one.yaml":           `{Deep: {type: string}}`,
	})
	for _, want := range []string{
		`"/a":{"$ref":"#/x-idmock-files/api~1paths~1a b.yaml"}`, `"/b":{"$ref":"#/paths/~1a"}`,
		`"one":"#/x-idmock-files/one.yaml","Two":"Two"`, `"example":{"$ref":"data"}`, `"properties":{"example":{"$ref":"#/x-idmock-files/one.yaml"}}`,
		`"schema":{"$ref":"#/x-idmock-files/one.yaml/Deep"}`, `"other":{"$ref":"#/x-idmock-files/api~1paths~1a b.yaml/get/schema"}`, `"root":{"$ref":"#/components/schemas/Any"}`,
		`"one.yaml":{"Deep":{"type":"string"}}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// A file that cannot be read is a reference without a target, with the reason.
func TestUnread(t *testing.T) {
	joined, text := join(t, map[string]string{
		"api/openapi.yaml": `{a: {$ref: gone.yaml#/X}, b: {$ref: ../../etc/passwd}, c: {$ref: /etc/passwd}, d: {$ref: 'https://example.com/x.yaml'}, e: {$ref: broken.yaml}, f: {$ref: empty.yaml}, g: {$ref: ..}}`,
		"api/broken.yaml":  `[`, "api/empty.yaml": "",
	})
	for file, want := range map[string]string{"api/gone.yaml": "file does not exist", "../../etc/passwd": "outside of the document's directory", "/etc/passwd": "outside of the document's directory",
		"https://example.com/x.yaml": "may not refer to URLs", "api/broken.yaml": "line 1", "api/empty.yaml": "is empty", ".": "not a file"} {
		if got, reason := bundle.Reason(joined, []string{bundle.Files, file}); got != file || !strings.Contains(reason, want) {
			t.Errorf("%s: reason %q, want %q in\n%s", file, reason, want, text)
		}
	}
}

func TestLimits(t *testing.T) {
	files, refs := map[string]string{}, &bytes.Buffer{}
	for i := range bundle.MaxFiles + 1 {
		files[fmt.Sprintf("api/%d.yaml", i)] = "{}"
		fmt.Fprintf(refs, "r%d: {$ref: %d.yaml}\n", i, i)
	}
	files["api/openapi.yaml"] = refs.String()
	joined, _ := join(t, files)
	if unread := joined.Lookup(bundle.Unread).Members(); len(unread) != 1 {
		t.Errorf("%d files are beyond the limit, want 1", len(unread))
	}
	large := strings.Repeat(" ", bundle.MaxBytes/2)
	joined, _ = join(t, map[string]string{"api/openapi.yaml": `{a: {$ref: a.yaml}, b: {$ref: b.yaml}, c: {$ref: c.yaml}}`, "api/a.yaml": "{}" + large, "api/b.yaml": "{}" + large, "api/c.yaml": "{}"})
	if unread := joined.Lookup(bundle.Unread).Members(); len(unread) != 2 {
		t.Errorf("%d files are beyond the limit, want 2", len(unread))
	}
}

func TestIsNeeded(t *testing.T) {
	for text, want := range map[string]bool{`{"$ref": "#/a"}`: false, `$ref: '#/a'`: false, `$ref: "#/a"`: false, `$ref: a.yaml`: true, `"$ref":"a.json#/b"`: true, `{'$ref' : ./a}`: true} {
		if got := bundle.IsNeeded([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
