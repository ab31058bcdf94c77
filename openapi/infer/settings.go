package infer

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/sample"
)

// settings is provider.yaml.
func (p *provider) settings() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, inferred from openapi.yaml. Comments replace facts that the document lacks.\n", oneLine(p.title))
	fmt.Fprintf(&b, "title: %s\nprefix: /%s\n", quote(oneLine(p.title)), p.name)
	fmt.Fprintf(&b, "hosts: %s\n", list(p.hosts))
	if len(p.bases) > 0 {
		fmt.Fprintf(&b, "base_paths: %s # accepted before each path, and after the prefix\n", list(p.bases))
	}
	b.WriteString("echo: true # responses repeat what was sent, and show the run\n\n# --- Keys. Any key opens an account of that name ---\n")
	b.WriteString(p.credentialSettings())
	b.WriteString("credentials:\n  api_key: '${account.name}'\n  webhook_secret: '${fake.hex(\"webhook-secret\", 32)}'\n\n# --- Errors ---\n")
	b.WriteString(p.errorSettings())
	if runs := p.runs(); runs != "" {
		b.WriteString("\n# --- Runs: operations that create something, and those that read, list or change it ---\n" + runs)
	}
	b.WriteString("\n# --- Outcomes ---\n" + p.outcomeSettings())
	b.WriteString(webhookSettings)
	b.WriteString(p.eventSettings())
	return b.String()
}

const webhookSettings = `
# --- Webhooks: method, retries and signature are seldom in a document ---
webhook:
  timeout: 10s
  accept: [2xx]
  retry: [5s, 1m, 10m, 1h]
  headers:
    - [Content-Type, application/json]
    # - [X-Signature, '${signature}']
  # signature: {scheme: hmac-sha256, encoding: hex, secret: webhook_secret}
`

// kinds are the kinds of errors with the statuses that a document may give them, the usual one last.
func kinds() []struct {
	kind     string
	statuses []int
} {
	return []struct {
		kind     string
		statuses []int
	}{
		{"missing-credential", []int{401}}, {"bad-credential", []int{401}}, {"forbidden", []int{403}}, {"unknown-path", []int{404}}, {"not-found", []int{404}},
		{"method", []int{405}}, {"media-type", []int{415}}, {"too-large", []int{413}}, {"bad-json", []int{400}}, {"invalid", []int{400, 422}},
		{"too-many-requests", []int{429}}, {"internal", []int{500}}, {"unavailable", []int{503}},
	}
}

// errorSettings is the section errors of provider.yaml: the documented bodies, or those of RFC 9457.
func (p *provider) errorSettings() string {
	found := p.documentedErrors()
	var b strings.Builder
	b.WriteString("errors:\n")
	for _, k := range kinds() {
		status := k.statuses[0]
		for _, s := range k.statuses {
			if found.count[s] > found.count[status] {
				status = s
			}
		}
		body, mediaType := found.body(status), found.mediaType(status)
		if body == "" {
			body, mediaType = `{type: about:blank, title: "`+problemTitle(status)+`", status: `+fmt.Sprint(status)+`, detail: '${error.message}'}`, "application/problem+json"
		}
		if mediaType != "application/json" {
			mediaType = ", content_type: " + quote(mediaType)
		} else {
			mediaType = ""
		}
		fmt.Fprintf(&b, "  %s: {status: %d%s, body: %s}\n", k.kind, status, mediaType, body)
	}
	return b.String()
}

func problemTitle(status int) string {
	return map[int]string{400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 413: "Content Too Large",
		415: "Unsupported Media Type", 422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}[status]
}

// documented are the error responses of a document: for each status, the one that most operations have.
type documented struct {
	p     *provider
	count map[int]int
	best  map[int]*failure // 0: default; 4 and 5: the classes
}

// failure is the body of an error response.
type failure struct {
	schema, example *template.Node
	mediaType       string
	used            int
}

func (p *provider) documentedErrors() documented {
	found := documented{p: p, count: map[int]int{}, best: map[int]*failure{}}
	all := map[string]*failure{}
	for _, op := range p.doc.Operations() {
		for _, m := range p.doc.Resolve(op.Node().Lookup("responses")).Members() {
			status := errorStatus(m.Key)
			if status < 0 {
				continue
			}
			found.count[status]++
			f := p.failureOf(m.Value)
			if f == nil {
				continue
			}
			key := fmt.Sprint(status, " ", identity(f.schema), identity(f.example))
			if all[key] == nil {
				all[key] = f
			}
			f = all[key]
			if f.used++; found.best[status] == nil || f.used > found.best[status].used {
				found.best[status] = f
			}
		}
	}
	return found
}

// errorStatus returns the status of a key of responses, or 4, 5 or 0 for a class or default; -1 for a success.
func errorStatus(key string) int {
	switch {
	case key == "default":
		return 0
	case len(key) == 3 && strings.EqualFold(key[1:], "XX") && (key[0] == '4' || key[0] == '5'):
		return int(key[0] - '0')
	case len(key) == 3 && (key[0] == '4' || key[0] == '5'):
		var status int
		if _, err := fmt.Sscanf(key, "%d", &status); err == nil {
			return status
		}
	}
	return -1
}

func (p *provider) failureOf(response *template.Node) *failure {
	for _, media := range p.doc.Resolve(p.doc.Resolve(response).Lookup("content")).Members() {
		mediaType, _, _ := strings.Cut(media.Key, ";")
		if !strings.HasSuffix(mediaType, "json") {
			continue
		}
		content := p.doc.Resolve(media.Value)
		f := &failure{schema: content.Lookup("schema"), mediaType: mediaType, example: content.Lookup("example")}
		for _, e := range content.Lookup("examples").Members() {
			if f.example == nil {
				f.example = p.doc.Resolve(e.Value).Lookup("value")
			}
		}
		if f.schema != nil || f.example != nil {
			return f
		}
	}
	return nil
}

// identity tells two bodies apart.
func identity(n *template.Node) string {
	if n == nil {
		return ""
	}
	if ref := textOf(n.Lookup("$ref")); ref != "" {
		return ref
	}
	return fmt.Sprintf("%p", n)
}

// of returns the body for a status: its own, that of its class, that of default, or that of a neighbour.
func (d documented) of(status int) *failure {
	for _, key := range []int{status, status / 100, 0, 400, 422, 404, 401, 403, 500} {
		if f := d.best[key]; f != nil && (key < 100 || key/100 == status/100) {
			return f
		}
	}
	return nil
}

func (d documented) mediaType(status int) string {
	if f := d.of(status); f != nil {
		return f.mediaType
	}
	return ""
}

// body returns the body for a status as YAML in one line, empty if none is documented.
func (d documented) body(status int) string {
	f := d.of(status)
	if f == nil {
		return ""
	}
	schema := f.schema
	if schema == nil {
		schema = template.Object(nil)
	}
	text, err := sample.Body(schema, sample.Options{Resolve: d.p.doc.Resolve, Example: f.example}).Append(nil, nil)
	if err != nil {
		return ""
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return ""
	}
	if members, ok := v.(map[string]any); !ok || len(members) == 0 {
		return ""
	}
	_, exact := d.best[status]
	text, err = json.Marshal(filled(v, "", status, exact && f.example != nil))
	if err != nil || len(text) > 4000 {
		return ""
	}
	return string(text)
}

// filled puts the message and the status into a sample of an error.
func filled(v any, name string, status int, exact bool) any {
	key := fake.Squeeze(name)
	switch v := v.(type) {
	case map[string]any:
		for member, inner := range v {
			v[member] = filled(inner, member, status, exact)
		}
	case []any:
		for i := range v {
			v[i] = filled(v[i], name, status, exact)
		}
	case string:
		switch key {
		case "message", "detail", "details", "errordescription", "errormessage", "msg", "reason", "description", "developermessage", "usermessage", "displaymessage":
			return "${error.message}"
		case "error", "title":
			if !exact {
				return problemTitle(status)
			}
		case "status", "statuscode", "code", "httpstatus", "errorcode", "type", "errortype":
			if strings.Contains(v, " ") { // generated words, which no code has
				return strings.ReplaceAll(strings.ToLower(problemTitle(status)), " ", "_")
			}
			if len(v) == 3 && v[0] >= '1' && v[0] <= '5' {
				return fmt.Sprint(status)
			}
		}
		return strings.ReplaceAll(v, "${", "$ {")
	case float64:
		if key == "status" || key == "statuscode" || key == "httpstatus" || key == "httpstatuscode" || key == "code" && v >= 100 && v < 600 {
			return status
		}
	}
	return v
}
