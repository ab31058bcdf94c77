package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/idmock/idmock/openapi"
)

// seeds: for every seed and subject, the default response is a success that satisfies the document's schema. The same
// seed and subject give the same bytes.
func (s *suite) seeds(t *testing.T) {
	seeds := max(minSeeds, min(maxSeeds, maxReplies/max(len(s.operations), 1)))
	for _, op := range s.operations {
		for seed := range uint64(seeds) {
			subject := fmt.Sprintf("%011d", seed*7919+1)
			first, err := s.p.Reply(op, "", nil, asked(t, s.scope(t, seed, op, subject, nil), op))
			if err == nil {
				err = op.ValidateResponse(first.Status, first.Body)
			}
			if err != nil {
				t.Errorf("seed %d: %v\n%s", seed, err, first.Body)
				break
			}
			if first.Status >= 300 {
				t.Errorf("%s: its first example is an answer %d", op.ID, first.Status)
			}
			if seed > 4 { // that the same is the same shows in a few
				continue
			}
			again, err := s.p.Reply(op, "", nil, asked(t, s.scope(t, seed, op, subject, nil), op))
			if err != nil || !bytes.Equal(first.Body, again.Body) {
				t.Errorf("%s: seed %d gave\n%s\nand then (%v)\n%s", op.ID, seed, first.Body, err, again.Body)
			}
		}
	}
}

// examples: every one renders, and satisfies the schema of its own status.
func (s *suite) examples(t *testing.T) {
	for _, op := range s.operations {
		names := map[string]bool{}
		for _, name := range op.Examples() {
			if names[name] {
				t.Errorf("%s: duplicate example %s: only the first can be requested", op.ID, name)
			}
			names[name] = true
			reply, err := s.p.Reply(op, name, nil, asked(t, s.scope(t, 1, op, "00000000001", nil), op))
			if err == nil {
				err = op.ValidateResponse(reply.Status, reply.Body)
			}
			if err != nil {
				t.Errorf("example %s: %v\n%s", name, err, reply.Body)
			}
			if op.Starts() && len(reply.Header) == 0 {
				t.Errorf("%s: example %s has no header", op.ID, name)
			}
		}
		if missing, ok := op.Finds(); ok && missing != "" && !names[missing] {
			t.Errorf("%s: example %q for an unknown run: not found", op.ID, missing)
		}
	}
}

// people: the names in all answers about one subject are one person's. Requests that carry a name are left out of it: a
// record that must match them repeats them.
func (s *suite) people(t *testing.T) {
	for seed := range uint64(5) {
		subject := strconv.FormatUint(22200000000+seed, 10)
		names := map[string]string{} // operations by the first name of the person
		for _, op := range s.starting() {
			reply, err := s.p.Reply(op, "", nil, s.scope(t, seed, op, subject, nil))
			if err != nil {
				t.Errorf("without a body: %v", err)
				continue
			}
			var body any
			if err := json.Unmarshal(reply.Body, &body); err != nil {
				t.Errorf("%s: %v", op.ID, err)
				continue
			}
			for part, name := range namesIn(body, 0) {
				who, other, known := strings.Cut(names[part], "|")
				if !known {
					names[part] = op.ID + "|" + name
				} else if !strings.EqualFold(other, name) {
					t.Errorf("seed %d: %s of one subject is %q in %s and %q in %s", seed, part, other, who, name, op.ID)
				}
			}
		}
	}
}

// namesIn finds the names that a record gives its subject. Lists are of other people: directors, next of kin.
func namesIn(v any, depth int) map[string]string {
	found := map[string]string{}
	object, _ := v.(map[string]any)
	for key, value := range object {
		part := map[string]string{"firstname": "first name", "lastname": "last name", "surname": "last name"}[strings.ToLower(strings.ReplaceAll(key, "_", ""))]
		if name, ok := value.(string); ok && part != "" && name != "" {
			found[part] = name
		}
		if depth < 2 {
			for part, name := range namesIn(value, depth+1) {
				found[part] = name
			}
		}
	}
	return found
}

// errors: every kind renders as an object that contains the message; all share a key, by which a client recognizes an
// error; and where an operation documents the status, the body is the documented one.
func (s *suite) errors(t *testing.T) {
	const message = `what is "wrong"`
	var common []string
	for i, kind := range s.p.Kinds() {
		refused := &openapi.Error{Kind: kind, Message: message, Field: "some_field", Allow: "GET"}
		reply, err := s.p.Refuse(refused, s.scope(t, 1, s.operations[0], "", nil))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		var body map[string]any
		if err := json.Unmarshal(reply.Body, &body); err != nil {
			t.Errorf("%s: the body must be an object: %v\n%s", kind, err, reply.Body)
			continue
		}
		// Services often reject a bad key with a fixed sentence that clients look for.
		fixed := kind == openapi.MissingCredential || kind == openapi.BadCredential
		if !fixed && !strings.Contains(fmt.Sprint(body), message) {
			t.Errorf("%s: the body does not tell the message: %s", kind, reply.Body)
		}
		keys := keysOf(body)
		if i == 0 {
			common = keys
		}
		common = slices.DeleteFunc(common, func(key string) bool { return !slices.Contains(keys, key) })
		if len(common) == 0 {
			t.Errorf("%s has only the keys %v: the kinds before it have others", kind, keys)
		}
		if kind == openapi.Method && !has(reply.Header, "Allow", "GET") {
			t.Errorf("%s: the header Allow is missing: %v", kind, reply.Header)
		}
		for _, op := range s.operations {
			if s.documents(op, reply.Status) {
				if err := op.ValidateResponse(reply.Status, reply.Body); err != nil {
					t.Errorf("%s: %v\n%s", kind, err, reply.Body)
				}
			}
		}
	}
}

func has(header [][2]string, name, value string) bool {
	for _, h := range header {
		if h[0] == name && h[1] == value {
			return true
		}
	}
	return false
}
