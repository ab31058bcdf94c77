package settings

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	invopop "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/idmock/idmock/internal/outcome"
)

var update = flag.Bool("update", false, "rewrite schema.json")

// schema.json is generated from the types of this package and their comments.
func TestSchemaIsCurrent(t *testing.T) {
	r := invopop.Reflector{ExpandedStruct: true, Anonymous: true, FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, Mapper: written}
	for _, dir := range []string{".", "../signing"} {
		if err := r.AddGoComments("github.com/idmock/idmock/openapi/settings", dir, invopop.WithFullComment()); err != nil {
			t.Fatal(err)
		}
	}
	for of, comment := range r.CommentMap {
		r.CommentMap[of] = strings.Join(strings.Fields(brackets.ReplaceAllString(comment, "$1")), " ")
	}
	s := r.Reflect(&Settings{})
	s.Title, s.Description = "idmock provider", "How a provider behaves around its OpenAPI document: keys, errors, runs, outcomes, webhooks."
	plain, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	plain = append(plain, '\n')
	if *update {
		if err := os.WriteFile("schema.json", plain, 0o644); err != nil { //nolint:gosec // a file of the repository
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("schema.json")
	if err != nil || !bytes.Equal(plain, have) {
		t.Error("schema.json is not that of the types: run make docs")
	}
}

// brackets are links of doc comments.
var brackets = regexp.MustCompile(`\[([A-Za-z.]+)\]`)

// written returns the schema of a type that reads its nodes itself, nil for others.
func written(t reflect.Type) *invopop.Schema {
	text := &invopop.Schema{Type: "string"}
	scalar := &invopop.Schema{AnyOf: []*invopop.Schema{text, {Type: "number"}, {Type: "boolean"}, {Type: "null"}}}
	orMore := func(one *invopop.Schema) *invopop.Schema {
		return &invopop.Schema{AnyOf: []*invopop.Schema{one, {Type: "array", Items: one}}}
	}
	mapOf := func(one *invopop.Schema) *invopop.Schema {
		return &invopop.Schema{Type: "object", AdditionalProperties: one}
	}
	nested := func(v any) *invopop.Schema {
		s := (&invopop.Reflector{Anonymous: true, ExpandedStruct: true, DoNotReference: true, FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, Mapper: written}).Reflect(v)
		s.Version = ""
		return s
	}
	switch t {
	case reflect.TypeFor[Duration]():
		return &invopop.Schema{Type: "string", Pattern: `^([0-9]+d)?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*$`}
	case reflect.TypeFor[Pattern]():
		return text
	case reflect.TypeFor[Expression]():
		return scalar
	case reflect.TypeFor[Expressions](), reflect.TypeFor[Globs](), reflect.TypeFor[Texts]():
		return orMore(scalar)
	case reflect.TypeFor[yaml.MapSlice](), reflect.TypeFor[map[string]ast.Node]():
		return mapOf(nil)
	case reflect.TypeFor[ast.Node](), reflect.TypeFor[choices](), reflect.TypeFor[outcome.Values]():
		return &invopop.Schema{}
	case reflect.TypeFor[Variables]():
		return mapOf(&invopop.Schema{AnyOf: []*invopop.Schema{{Enum: anys(outcome.Types())}, {Type: "array"}}})
	case reflect.TypeFor[Outcomes]():
		return mapOf(nested(&outcomeSettings{}))
	case reflect.TypeFor[Dashboard]():
		type plain Dashboard
		return &invopop.Schema{AnyOf: []*invopop.Schema{{Enum: []any{"read", "list"}}, nested(&plain{})}}
	}
	return nil
}

func anys(texts []string) (all []any) {
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}

// Every shipped provider.yaml, and those of tests and examples, is valid; a misspelt key and a value of another type are not.
func TestSchemaAccepts(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err == nil {
		err = compiler.AddResource("schema.json", read)
	}
	if err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(src []byte) error {
		plain, err := yaml.YAMLToJSON(src)
		if err != nil {
			return err
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
		if err != nil {
			return err
		}
		return schema.Validate(v)
	}
	var files []string
	for _, pattern := range []string{"../*/provider.yaml", "../../testdata/providers/*/provider.yaml", "../../examples/providers/*/provider.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) < 2 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(src); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, wrong := range []string{"titel: A", "runs: [{find: path.id, missin: x}]", "webhook: {timeout: soon}", "echo: maybe", "hosts: a.example", "variables: {status: texts}", "dashboard: {a: reads}"} {
		if validate([]byte(wrong)) == nil {
			t.Errorf("%s: accepted", wrong)
		}
	}
}
