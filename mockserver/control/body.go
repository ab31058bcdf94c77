package control

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
)

// maxBody is the most that a request's body may hold, in bytes.
const maxBody = 1 << 20

// receive decodes the JSON object in the body into v, a pointer to a struct. An empty body is {}. The Content-Type is
// passed over: curl -d sends the wrong one, and the guard has kept out pages that may not ask.
func receive(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := slurp(w, r)
	if err != nil || len(body) == 0 {
		return err
	}
	return wrong(json.Unmarshal(body, v, json.RejectUnknownMembers(true)), v)
}

// slurp reads the whole body.
func slurp(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the body is longer than the %d bytes it may have", tooLarge.Limit)}
	}
	if err != nil {
		return nil, badRequest("the body cannot be read: %v", err)
	}
	return body, nil
}

// receiveNothing refuses a body that says anything: whoever wrote it expects it to matter.
func receiveNothing(w http.ResponseWriter, r *http.Request) error { return receive(w, r, &struct{}{}) }

// wrong says what is wrong with a body in the words of its author.
func wrong(err error, v any) error {
	if err == nil {
		return nil
	}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return badRequest("the body is not JSON: %s", strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	at := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return badRequest("unknown field %q: %s", at, known(v))
	case at == "":
		return badRequest("the body must be a JSON object")
	case semantic.GoType == nil:
		return badRequest("%s: %v", at, semantic)
	}
	return badRequest("%s must be %s", at, word(semantic.GoType))
}

func known(v any) string {
	var names []string
	for field := range reflect.TypeOf(v).Elem().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "the body of this call has none; the account is given in the query, as ?account=NAME"
	}
	return "there are " + strings.Join(names, ", ")
}

// word is what a Go type is called in JSON.
func word(t reflect.Type) string {
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

// need refuses a body that lacks a field. It takes names and values in turn.
func need(fields ...string) error {
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] == "" {
			return Invalidf("%s is missing: it is a string that must not be empty", fields[i])
		}
	}
	return nil
}
