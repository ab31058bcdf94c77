// Package decode turns the bytes of a request's body into a value, by media type and within bounds.
//
// Schemas and the provider's errors do not belong here.
package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/mediatype"
)

// The media types with a decoder of their own.
const (
	JSON      = "application/json"
	Form      = "application/x-www-form-urlencoded"
	Multipart = "multipart/form-data"
)

// Error reports a body that cannot be decoded.
type Error struct {
	Message  string // safe to send
	TooLarge bool   // it exceeds the bounds; otherwise it is malformed
}

func (e *Error) Error() string { return e.Message }

// Body decodes a body by its media type: JSON to a value, a form to the values of its fields (map[string][]any), a text to a
// string and other bytes to base64, as in JSON. The error is an [*Error].
func Body(mediaType, boundary string, raw []byte) (any, error) {
	if err := bounded(mediaType, raw); err != nil {
		return nil, err
	}
	switch {
	case mediaType == Multipart:
		return decodeMultipart(boundary, raw)
	case mediaType == Form:
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, &Error{Message: "the form could not be decoded: " + err.Error()}
		}
		fields := make(map[string][]any, len(form))
		for name, values := range form {
			for _, value := range values {
				fields[name] = append(fields[name], value)
			}
		}
		return fields, nil
	case mediatype.IsJSON(mediaType):
	case strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "xml") || strings.Contains(mediaType, "json") || strings.Contains(mediaType, "yaml"):
		return string(raw), nil
	default:
		return base64.StdEncoding.EncodeToString(raw), nil
	}
	body, err := template.DecodeJSON(raw)
	if err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, &Error{Message: fmt.Sprintf("the body is not JSON: %v at byte %d", err, syntax.Offset)}
		}
		return nil, &Error{Message: "the body is not JSON: " + err.Error()}
	}
	return body, nil
}

// decodeMultipart decodes a form with files. A file becomes base64, as in JSON; a part of JSON becomes its value.
func decodeMultipart(boundary string, raw []byte) (any, error) {
	refuse := func(err error) (any, error) {
		return nil, &Error{Message: "the form could not be decoded: " + err.Error()}
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
	mediaType, _, err := ContentType(part.Header.Get("Content-Type"))
	if err == nil && mediatype.IsJSON(mediaType) && part.FileName() == "" {
		if v, err := template.DecodeJSON(value); err == nil {
			return v
		}
	}
	if part.FileName() != "" || err == nil && mediaType != "" && !strings.HasPrefix(mediaType, "text/") && !mediatype.IsJSON(mediaType) {
		return base64.StdEncoding.EncodeToString(value)
	}
	return string(value)
}

// ContentType parses the header Content-Type.
func ContentType(header string) (mediaType, boundary string, err error) {
	if header == JSON {
		return header, "", nil
	}
	mediaType, parameters, err := mime.ParseMediaType(header)
	return mediaType, parameters["boundary"], err
}
