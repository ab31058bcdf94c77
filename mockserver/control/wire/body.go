package wire

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/admission"
	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/mockserver/control"
)

// maxBody limits request bodies, in bytes.
const maxBody = 1 << 20

// Decode decodes the JSON object in the body into v, a pointer to a struct. An empty body is {}. The Content-Type does not
// matter: curl -d sends the wrong one, and package access has rejected cross-origin requests.
func Decode(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := ReadBody(w, r)
	if err != nil || len(body) == 0 {
		return err
	}
	return Unmarshal(body, v)
}

// ReadBody reads the body up to its limit of 1 MiB.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	return body, BodyError(err)
}

// BodyError returns the problem that an error from a limited body is, or nil.
func BodyError(err error) error {
	if err == nil {
		return nil
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem.New(http.StatusRequestEntityTooLarge, "body exceeds %d MiB", tooLarge.Limit>>20)
	}
	if errors.Is(err, admission.ErrBusy) {
		return problem.New(http.StatusServiceUnavailable, "%v", err)
	}
	return BadRequest("cannot read the body: %v", err)
}

// RejectBody rejects a body with members: they would have no effect.
func RejectBody(w http.ResponseWriter, r *http.Request) error { return Decode(w, r, &struct{}{}) }

// Require returns an error for the first empty field. It takes names and values alternately.
func Require(fields ...string) error {
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] == "" {
			return control.Invalidf("%s is required", fields[i])
		}
	}
	return nil
}

// Unmarshal decodes a JSON object into v, a pointer to a struct. It rejects unknown and duplicate members.
func Unmarshal(body []byte, v any) error {
	err := json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return syntaxError(body, err)
	}
	return at(body, semantic.ByteOffset, semanticError(semantic, v))
}

func syntaxError(body []byte, err error) error {
	message := "the body is not JSON: " + strings.TrimPrefix(err.Error(), "jsontext: ")
	offset := int64(len(body))
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		offset = syntactic.ByteOffset
	}
	return at(body, offset, message)
}

// at returns the problem of an error at a byte offset of the body, with line, column and text of the line.
func at(body []byte, offset int64, message string) error {
	offset = min(max(offset, 0), int64(len(body)))
	for offset < int64(len(body)) && strings.ContainsRune(" \t\r\n,:", rune(body[offset])) { // the offset is that of the previous token
		offset++
	}
	before := string(body[:offset])
	start := strings.LastIndexByte(before, '\n') + 1
	line, _, _ := strings.Cut(string(body[start:]), "\n")
	found := diag.Diagnostic{File: "body", Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(before[start:]), Message: message}
	if len(line) <= maxSource {
		found.Source = line
	}
	return problem.Problem{Status: http.StatusBadRequest, Detail: message, Members: map[string]any{"errors": diag.List{found}}}
}

// maxSource limits the quoted line, in bytes: a body is often a single long line.
const maxSource = 200

func semanticError(semantic *json.SemanticError, v any) string {
	at := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
	at = strings.ToValidUTF8(at[:min(len(at), maxSource)], "")
	switch {
	case errors.Is(semantic, json.ErrUnknownName):
		return fmt.Sprintf("unknown field %q: %s", at, knownFields(at, v))
	case at == "":
		return "the body must be a JSON object"
	case semantic.GoType == nil:
		return fmt.Sprintf("%s: %v", at, semantic)
	}
	return at + " must be " + jsonType(semantic.GoType)
}

func knownFields(unknown string, v any) string {
	names := Fields(v)
	if len(names) == 0 {
		return "this request has no fields; give the account in the query, as ?account=NAME"
	}
	hint := "use " + strings.Join(names, ", ")
	if closest := suggest.Closest(unknown, names); closest != "" {
		hint += fmt.Sprintf("; did you mean %q?", closest)
	}
	return hint
}

// Fields returns the names of the JSON members of v, a pointer to a struct.
func Fields(v any) []string {
	var names []string
	for field := range reflect.TypeOf(v).Elem().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// jsonType returns the JSON name of a Go type, with its article.
func jsonType(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Uint64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
