package shape

import (
	"encoding/json"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema of a file, without names of providers.
func Schema() ([]byte, error) {
	r := jsonschema.Reflector{ExpandedStruct: true, Anonymous: true}
	s := r.Reflect(&File{})
	s.Title = "idmock scenario"
	s.Description = "Behaviour of a provider: rules for its responses, and for the webhooks that follow."
	return json.Marshal(s)
}

// JSONSchemaExtend allows a single value instead of a list.
func (Rule) JSONSchemaExtend(s *jsonschema.Schema) { alone(s, "on", "reply", "then") }

// JSONSchemaExtend allows a single value instead of a list.
func (Reply) JSONSchemaExtend(s *jsonschema.Schema) { alone(s, "fault") }

// JSONSchemaExtend allows a single value instead of a list.
func (Step) JSONSchemaExtend(s *jsonschema.Schema) { alone(s, "else", "fault") }

// JSONSchemaExtend allows a single value instead of a list.
func (Expect) JSONSchemaExtend(s *jsonschema.Schema) { alone(s, "status"); s.MinProperties = one() }

func alone(s *jsonschema.Schema, keys ...string) {
	for _, key := range keys {
		list, _ := s.Properties.Get(key)
		many := &jsonschema.Schema{Type: "array", Items: list.Items, MinItems: one()}
		s.Properties.Set(key, &jsonschema.Schema{Description: list.Description, AnyOf: []*jsonschema.Schema{list.Items, many}})
	}
}

// JSONSchemaExtend allows a string instead of the mapping.
func (On) JSONSchemaExtend(s *jsonschema.Schema) {
	s.MinProperties, s.MaxProperties = one(), one()
	orText(s)
}

// JSONSchemaExtend allows the name of the event instead of the mapping.
func (Send) JSONSchemaExtend(s *jsonschema.Schema) { orText(s) }

// JSONSchemaExtend allows the name instead of the mapping, and any arguments in the mapping.
func (Fault) JSONSchemaExtend(s *jsonschema.Schema) {
	s.AdditionalProperties = nil
	orText(s)
}

func orText(s *jsonschema.Schema) {
	mapping := *s
	*s = jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string", MinLength: one()}, &mapping}}
}

// JSONSchema matches the durations that package internal/duration parses.
func (Duration) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+d)?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*$`, Examples: []any{"250ms", "30s", "5m", "12h", "30d"}}
}

// JSONSchema allows any string.
func (Expression) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string"}
}

// JSONSchema matches a status or a class of statuses.
func (Status) JSONSchema() *jsonschema.Schema {
	number := &jsonschema.Schema{Type: "integer", Minimum: "100", Maximum: "599"}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{number, {Type: "string", Pattern: "^[1-5](xx|[0-9][0-9])$"}}}
}

func one() *uint64 { return new(uint64(1)) }
