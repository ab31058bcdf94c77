package openapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/spec"
)

// decodeBody decodes a body by its media type: JSON to a value, a form to the values of its fields, a text to a string and
// other bytes to base64, as in JSON.
func decodeBody(mediaType, boundary string, raw []byte) (any, error) {
	if err := bounded(mediaType, raw); err != nil {
		return nil, err
	}
	switch {
	case mediaType == multipartType:
		return decodeMultipart(boundary, raw)
	case mediaType == formType:
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, &Error{Kind: BadJSON, Message: "the form could not be decoded: " + err.Error()}
		}
		fields := make(map[string][]any, len(form))
		for name, values := range form {
			for _, value := range values {
				fields[name] = append(fields[name], value)
			}
		}
		return fields, nil
	case spec.IsJSON(mediaType):
	case strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "xml") || strings.Contains(mediaType, "json") || strings.Contains(mediaType, "yaml"):
		return string(raw), nil
	default:
		return base64.StdEncoding.EncodeToString(raw), nil
	}
	body, err := template.DecodeJSON(raw)
	if err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, &Error{Kind: BadJSON, Message: fmt.Sprintf("the body is not JSON: %v at byte %d", err, syntax.Offset)}
		}
		return nil, &Error{Kind: BadJSON, Message: "the body is not JSON: " + err.Error()}
	}
	return body, nil
}

// decodeMultipart decodes a form with files. A file becomes base64, as in JSON; a part of JSON becomes its value.
func decodeMultipart(boundary string, raw []byte) (any, error) {
	refuse := func(err error) (any, error) {
		return nil, &Error{Kind: BadJSON, Message: "the form could not be decoded: " + err.Error()}
	}
	if boundary == "" {
		return refuse(errors.New("its Content-Type names no boundary"))
	}
	fields := map[string][]any{}
	for parts := multipart.NewReader(bytes.NewReader(raw), boundary); ; {
		part, err := parts.NextPart()
		if err == io.EOF {
			return fields, nil
		}
		if err != nil {
			return refuse(err)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return refuse(err)
		}
		have := fields[part.FormName()]
		if len(have) == 1 && have[0] == "" { // browsers send an empty field beside a file
			have = nil
		}
		fields[part.FormName()] = append(have, decodePart(part, value))
	}
}

func decodePart(part *multipart.Part, value []byte) any {
	mediaType, _, err := contentType(part.Header.Get("Content-Type"))
	if err == nil && spec.IsJSON(mediaType) && part.FileName() == "" {
		if v, err := template.DecodeJSON(value); err == nil {
			return v
		}
	}
	if part.FileName() != "" || err == nil && mediaType != "" && !strings.HasPrefix(mediaType, "text/") && !spec.IsJSON(mediaType) {
		return base64.StdEncoding.EncodeToString(value)
	}
	return string(value)
}
