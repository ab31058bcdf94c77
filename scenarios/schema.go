package scenarios

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// shape is the JSON Schema of scenario files without the names of any provider. Package internal/shape generates it.
//
//go:embed shape.json
var shape []byte

// object is a JSON object of a schema.
type object = map[string]any

// Schema returns the JSON Schema (2020-12) of scenario files for these providers, with which editors complete, explain and
// validate. The provider of a file determines its operations, events, simulations and examples; files of other providers
// are validated without these names. schema.json is the schema for the built-in providers.
func Schema(names Vocabulary, providers []string) ([]byte, error) {
	var s struct {
		Version     string `json:"$schema"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Type        string `json:"type"`
		Required    any    `json:"required"`
		Properties  object `json:"properties"`
		Additional  bool   `json:"additionalProperties"`
		AllOf       []any  `json:"allOf,omitempty"`
		Defs        object `json:"$defs"`
	}
	if err := json.Unmarshal(shape, &s); err != nil {
		return nil, fmt.Errorf("shape.json: %w", err)
	}
	s.Properties["provider"] = or(s.Properties["provider"], object{"enum": providers}, object{"type": "string", "pattern": "^[a-z0-9-]+$"})
	s.Defs["ReplyFault"], s.Defs["SendFault"] = faultSchema(s.Defs["Fault"], names.Faults(InReply)), faultSchema(s.Defs["Fault"], names.Faults(InDelivery))
	delete(s.Defs, "Fault")
	point(s.Defs["Reply"], "Fault", "ReplyFault")
	point(s.Defs["Step"], "Fault", "SendFault")
	for _, name := range providers {
		for key, def := range providerSchemas(names, name) {
			s.Defs[name+key] = def
		}
		s.AllOf = append(s.AllOf, object{
			"if":   object{"properties": object{"provider": object{"const": name}}, "required": []string{"provider"}},
			"then": object{"properties": object{"rules": object{"items": ref(name + "-rule")}}},
		})
	}
	schema, err := json.MarshalIndent(s, "", " ")
	return append(schema, '\n'), err
}

// providerSchemas returns schemas of the names that the rules of a provider may use.
func providerSchemas(names Vocabulary, provider string) map[string]object {
	call := object{"anyOf": []any{object{"enum": names.Operations(provider)}, wildcard()}}
	event := object{"anyOf": []any{object{"enum": names.Events(provider)}, wildcard()}}
	var examples []string
	for _, op := range names.Operations(provider) {
		examples = append(examples, names.Examples(provider, op)...)
	}
	slices.Sort(examples)
	schemas := map[string]object{
		"-rule": {"properties": object{
			"on":    object{"anyOf": []any{ref(provider + "-on"), object{"type": "array", "items": ref(provider + "-on")}}},
			"reply": ref(provider + "-reply"), "then": ref(provider + "-step"),
			"outcome": ref(provider + "-outcome"),
		}},
		// properties apply to a single value, items to a list: editors locate mistakes better than with anyOf.
		"-reply": {"items": ref(provider + "-reply"), "properties": object{"example": object{"anyOf": []any{object{"enum": slices.Compact(examples)}, object{"type": "string", "pattern": `\$\{`}}}}},
		"-step": {"items": ref(provider + "-step"), "properties": object{
			"send": object{"anyOf": []any{
				object{"enum": names.Events(provider)},
				object{"type": "object", "properties": object{"event": object{"enum": names.Events(provider)}, "as": ref(provider + "-outcome")}},
			}},
			"outcome": ref(provider + "-outcome"), "else": ref(provider + "-step"),
			"expect": object{"properties": object{"call": call}},
		}},
		"-on": {"anyOf": []any{
			object{"enum": append([]string{Start}, names.Operations(provider)...)},
			wildcard(),
			object{"type": "object", "properties": object{delivered: event, exhausted: event}},
		}},
	}
	schemas["-outcome"] = object{"type": "string"}
	if known := names.Outcomes(provider).Names(); len(known) > 0 {
		schemas["-outcome"] = object{"anyOf": []any{object{"enum": known}, object{"type": "string", "pattern": `\$\{`}}}
	}
	if known := names.Simulations(provider); len(known) > 0 {
		schemas["-on"]["anyOf"].([]any)[2].(object)["properties"].(object)[simulate] = object{"anyOf": []any{object{"enum": known}, wildcard()}}
	}
	return schemas
}

// faultSchema returns the schema of a fault of one of these kinds.
func faultSchema(plain any, kinds []FaultKind) any {
	if len(kinds) == 0 {
		return plain
	}
	var known []string
	about := "The name of the fault:"
	args := object{}
	for _, kind := range kinds {
		known = append(known, kind.Name)
		about += "\n" + kind.Name + ": " + kind.About
		for _, arg := range kind.Args {
			text := arg.About
			if arg.Default != "" {
				text += " (" + arg.Default + ")"
			}
			if previous, ok := args[arg.Name].(object); ok && previous["description"] != text {
				text = "Depends on the fault; see name."
			}
			args[arg.Name] = object{"description": text}
		}
	}
	slices.Sort(known)
	args["name"] = object{"enum": known, "description": about}
	return object{"anyOf": []any{
		object{"enum": known},
		object{"type": "object", "required": []string{"name"}, "properties": args, "additionalProperties": false},
	}}
}

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// or replaces the schema of a property, and keeps its description.
func or(property any, either ...any) object {
	schema := object{"anyOf": either}
	if old, ok := property.(object); ok {
		schema["description"] = old["description"]
	}
	return schema
}

func wildcard() object { return object{"type": "string", "pattern": "[*?]"} }

// point redirects every reference below v from one definition to another.
func point(v any, from, to string) {
	switch v := v.(type) {
	case object:
		for key, item := range v {
			if text, ok := item.(string); ok && key == "$ref" && strings.HasSuffix(text, "/"+from) {
				v[key] = strings.TrimSuffix(text, from) + to
			}
			point(item, from, to)
		}
	case []any:
		for _, item := range v {
			point(item, from, to)
		}
	}
}
