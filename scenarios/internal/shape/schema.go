package shape

import (
	"encoding/json"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema of a file, without the parts that depend on the providers.
func Schema() ([]byte, error) {
	r := jsonschema.Reflector{ExpandedStruct: true, Anonymous: true}
	s := r.Reflect(&File{})
	s.Title = "idmock scenario"
	s.Description = "What a provider does: rules that say what to answer, and what follows when."
	return json.Marshal(s)
}

// JSONSchemaExtend also allows a single item instead of a list.
func (Rule) JSONSchemaExtend(s *jsonschema.Schema) { alone(s, "on", "reply", "then") }

// JSONSchemaExtend also allows a single item instead of a list.
func (Reply) JSONSchemaExtend(s *jsonschema.Schema) { alone(s, "fault") }

// JSONSchemaExtend also allows a single item instead of a list.
func (Step) JSONSchemaExtend(s *jsonschema.Schema) { alone(s, "else", "fault") }

// JSONSchemaExtend also allows a single item instead of a list.
func (Expect) JSONSchemaExtend(s *jsonschema.Schema) { alone(s, "status"); s.MinProperties = one() }

func alone(s *jsonschema.Schema, keys ...string) {
	for _, key := range keys {
		list, _ := s.Properties.Get(key)
		many := &jsonschema.Schema{Type: "array", Items: list.Items, MinItems: one()}
		s.Properties.Set(key, &jsonschema.Schema{Description: list.Description, AnyOf: []*jsonschema.Schema{list.Items, many}})
	}
}

// JSONSchemaExtend lets a text stand for the mapping.
func (On) JSONSchemaExtend(s *jsonschema.Schema) {
	s.MinProperties, s.MaxProperties = one(), one()
	orText(s)
}

// JSONSchemaExtend lets the name stand for the mapping, which takes further keys.
func (Fault) JSONSchemaExtend(s *jsonschema.Schema) {
	s.AdditionalProperties = nil
	orText(s)
}

func orText(s *jsonschema.Schema) {
	mapping := *s
	*s = jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string", MinLength: one()}, &mapping}}
}

// JSONSchema is the schema of the texts that package internal/duration reads.
func (Duration) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+d)?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*$`, Examples: []any{"250ms", "30s", "5m", "12h", "30d"}}
}

// JSONSchema also allows a boolean: when: true is a condition.
func (Expression) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string"}
}

// JSONSchema is the schema of a status or of a class of them.
func (Status) JSONSchema() *jsonschema.Schema {
	number := &jsonschema.Schema{Type: "integer", Minimum: "100", Maximum: "599"}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{number, {Type: "string", Pattern: "^[1-5](xx|[0-9][0-9])$"}}}
}

func one() *uint64 { return new(uint64(1)) }
