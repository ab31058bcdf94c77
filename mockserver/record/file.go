package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios"
)

// file writes the recording as a scenario. Values are written as JSON, which is YAML too: no digit is lost on the way.
func (r *recording) file(name string) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Recorded from run %s. Edit as you like.\n", comment(r.reference))
	fmt.Fprintf(&b, "scenario: %s\nprovider: %s\ndescription: %s\n", quoted(name), quoted(r.provider), quoted("Recorded from run "+r.reference+"."))
	if own := r.own(); len(own) > 0 {
		fmt.Fprintf(&b, "variables: {%s}\n", strings.Join(own, ", "))
	}
	b.WriteString("rules:\n")
	for i, operation := range r.operations {
		fmt.Fprintf(&b, "  - on: %s\n", quoted(operation))
		if err := r.reply(&b, operation); err != nil {
			return nil, err
		}
		if set := r.sets[operation]; len(set) > 2 { // more than {}
			if err := r.state(&b, "    ", set); err != nil {
				return nil, err
			}
		}
		if i == 0 {
			if err := r.timeline(&b); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), nil
}

func (r *recording) reply(b *bytes.Buffer, operation string) error {
	if operation == scenarios.Start {
		return nil
	}
	b.WriteString("    reply:\n")
	var last string
	for _, call := range r.replies[operation] {
		var one bytes.Buffer
		fmt.Fprintf(&one, "      - status: %d\n", call.Status)
		if body := call.Response.Body; !body.Truncated && jsontext.Value(body.Bytes).IsValid() {
			if err := r.value(&one, "        body: ", body.Bytes, 10); err != nil {
				return err
			}
		}
		if text := one.String(); text != last { // the last one repeats
			b.WriteString(text)
			last = text
		}
	}
	return nil
}

func (r *recording) timeline(b *bytes.Buffer) error {
	at := r.start
	for i, step := range r.merged() {
		if i == 0 {
			b.WriteString("    then:\n")
		}
		fmt.Fprintf(b, "      - after: %v\n", max(0, step.at.Sub(at)))
		at = step.at
		if len(step.set) > 0 {
			set, err := json.Marshal(step.set, json.Deterministic(true))
			if err != nil {
				return err
			}
			if err := r.state(b, "        ", set); err != nil {
				return err
			}
		}
		if step.send == "" {
			continue
		}
		fmt.Fprintf(b, "        send: %s\n", quoted(step.send))
		if step.sent != nil && len(step.sent.Data) > 0 {
			if err := r.value(b, "        data: ", step.sent.Data, 10); err != nil {
				return err
			}
			b.WriteString("        invalid: true # sent as recorded\n")
		}
		if step.sent != nil && step.sent.Expect != nil {
			expect := step.sent.Expect
			b.WriteString("        expect: {")
			if len(expect.Status) > 0 {
				fmt.Fprintf(b, "status: [%s]", strings.Join(expect.Status, ", "))
			}
			if len(expect.Status) > 0 && expect.Within > 0 {
				b.WriteString(", ")
			}
			if expect.Within > 0 {
				fmt.Fprintf(b, "within: %v", expect.Within)
			}
			b.WriteString("}\n")
		}
	}
	return nil
}

// state writes the changes of a run: its outcome, and variables that do not follow from it.
func (r *recording) state(b *bytes.Buffer, indent string, changes []byte) error {
	var set map[string]jsontext.Value
	if err := json.Unmarshal(changes, &set); err != nil {
		return err
	}
	var name string
	if raw, ok := set[outcome.Key]; ok && json.Unmarshal(raw, &name) == nil && r.outcomes.Find(name) != nil {
		fmt.Fprintf(b, "%soutcome: %s\n", indent, name)
		for key := range r.outcomes.Find(name).Literal() {
			delete(set, key)
		}
	}
	delete(set, outcome.Key)
	if len(set) == 0 {
		return nil
	}
	rest, err := json.Marshal(set, json.Deterministic(true))
	if err != nil {
		return err
	}
	return r.value(b, indent+"set: ", rest, len(indent)+2)
}

// own lists declarations of the variables that the provider does not declare, or not with the recorded values.
func (r *recording) own() []string {
	if len(r.outcomes.Variables()) == 0 {
		return nil
	}
	names := map[string]bool{}
	note := func(set map[string]jsontext.Value) {
		for name, raw := range set {
			declared, ok := r.outcomes.Variable(name)
			if value, err := template.DecodeJSON(raw); err == nil && (!ok || declared.Check(value) != nil) && name != outcome.Key {
				names[name] = true
			}
		}
	}
	for _, raw := range r.sets {
		var set map[string]jsontext.Value
		if json.Unmarshal(raw, &set) == nil {
			note(set)
		}
	}
	for _, step := range r.steps {
		note(step.set)
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all = append(all, quoted(name)+": any")
	}
	return all
}

// value writes JSON after a key, over several lines. Its texts are escaped, so that the template yields them again, but for
// the run's reference.
func (r *recording) value(b *bytes.Buffer, key string, value []byte, indent int) error {
	var out bytes.Buffer
	from, to := jsontext.NewDecoder(bytes.NewReader(value)), jsontext.NewEncoder(&out, jsontext.Multiline(true),
		jsontext.WithIndent("  "), jsontext.WithIndentPrefix(strings.Repeat(" ", indent-2)))
	for {
		token, err := from.ReadToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("recorded body: %w", err)
		}
		kind, length := from.StackIndex(from.StackDepth())
		if name := kind == '{' && length%2 == 1; token.Kind() == '"' && !name {
			token = jsontext.String(r.text(token.String()))
		}
		if err := to.WriteToken(token); err != nil {
			return err
		}
	}
	b.WriteString(key)
	b.Write(bytes.TrimSpace(out.Bytes()))
	b.WriteByte('\n')
	return nil
}

func (r *recording) text(s string) string {
	s = strings.ReplaceAll(s, "${", "${'$'}{")
	if r.reference != "" {
		s = strings.ReplaceAll(s, r.reference, "${run.reference}")
	}
	return s
}

// quoted is a text as a JSON string.
func quoted(s string) string {
	b, _ := jsontext.AppendQuote(nil, s) // an error says only that s was not UTF-8
	return string(b)
}

// comment is a text on one line.
func comment(s string) string { return strings.Join(strings.Fields(s), " ") }
