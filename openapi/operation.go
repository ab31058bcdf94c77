package openapi

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
	"github.com/idmock/idmock/openapi/members"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/spec"
)

// document is openapi.yaml with the operations' parts of provider.yaml.
type document struct {
	*spec.Document
	operations []*Operation // in the order of the file
	ids        []string     // their IDs
	byID       map[string]*Operation
	members    members.Cache
}

func readDocument(src, more []byte, files bundle.Source, set *settings.Settings) (*document, error) {
	parsed, err := spec.Read(src, spec.Options{Prefix: set.Prefix, TrailingSlash: set.TrailingSlash, Bases: set.BasePaths, More: more, Files: files})
	if parsed == nil {
		return nil, err
	}
	d := &document{Document: parsed, byID: map[string]*Operation{}}
	for _, documented := range parsed.Operations() {
		op := newOperation(documented, set)
		d.operations, d.byID[op.ID] = append(d.operations, op), op
		d.ids = append(d.ids, op.ID)
	}
	return d, err
}

// find returns the operation for a request and sets the request's path values.
func (d *document) find(r *http.Request) (*Operation, *Error) {
	op, allow := d.Find(r)
	switch {
	case op != nil:
		return d.byID[op.ID], nil
	case allow != "":
		return nil, &Error{Kind: Method, Message: fmt.Sprintf("%s is not allowed here, use %s", r.Method, allow), Allow: allow}
	default:
		return nil, &Error{Kind: UnknownPath, Message: d.missing(r)}
	}
}

// missing says why a path has no operation: a document never has all operations of a service.
func (d *document) missing(r *http.Request) string {
	nearest, reason := d.Missing(r)
	switch {
	case reason != "":
		return fmt.Sprintf("not modelled by idmock: %s %s: %s", r.Method, r.URL.Path, reason)
	case nearest != "":
		return fmt.Sprintf("not modelled by idmock: %s %s: the nearest path is %s", r.Method, r.URL.Path, nearest)
	default:
		return "no such path: " + r.URL.Path
	}
}

// Operation is an operation of the document with its part of provider.yaml.
type Operation struct {
	*spec.Operation

	credential *settings.Credential
	run        *settings.Run
	lists      []string // that show the runs which the operation starts
	dashboard  *settings.Dashboard
	source     settings.Source
}

// Form and Field describe the input of an operation.
type (
	Form  = spec.Form
	Field = spec.Field
)

// ErrUndocumentedStatus reports a status that the operation does not document.
var ErrUndocumentedStatus = spec.ErrUndocumentedStatus

func newOperation(documented *spec.Operation, set *settings.Settings) *Operation {
	op := &Operation{Operation: documented, credential: set.Credential.For(documented.ID)}
	op.Public = op.Public || set.Credential.Public.Match(op.ID)
	op.run, op.lists = set.RunOf(op.ID), set.ListsOf(op.ID)
	if action, ok := set.Dashboard[op.ID]; ok {
		op.dashboard = &action
	}
	op.source = set.Sources.Of(op.ID)
	if op.Dashboard || op.Mock { // patterns name what the service has
		op.source = set.Sources.Named(op.ID)
	}
	if documented.Extension(sourceKey) != "" {
		op.source = settings.ParseSource(documented.Extension(sourceKey))
	}
	op.Configure(valuesOf(set, op.run))
	return op
}

// valuesOf returns the settings of generated bodies of an operation with a run, which may be nil.
func valuesOf(set *settings.Settings, run *settings.Run) spec.Values {
	v := spec.Values{Echo: set.Echo}
	for _, variable := range set.Variables {
		v.Variables = append(v.Variables, variable.Name)
	}
	if run != nil && run.ID != "" {
		v.ID = strings.Split(run.ID, ".")
	}
	v.List = run != nil && len(run.List) > 0
	return v
}

// Change returns what requests to the operation do to what the run was started with, as [settings.Run.Change].
func (op *Operation) Change() string {
	if op.run == nil {
		return ""
	}
	return op.run.Change
}

// List names the list of runs that the response has; empty: none.
func (op *Operation) List() string { return op.run.ListName() }

// ListedIn names the lists that show the runs which the operation starts.
func (op *Operation) ListedIn() []string { return op.lists }

// Starts reports whether requests to the operation start a run.
func (op *Operation) Starts() bool {
	return op.run != nil && len(op.run.Find) == 0 && len(op.run.List) == 0
}

// Finds reports whether requests to the operation concern an existing run, and returns the example for a run that does not
// exist; empty: the scenario decides; [NotFound]: the error of that kind, unless there is such an example.
func (op *Operation) Finds() (missing string, ok bool) {
	if op.run == nil || len(op.run.Find) == 0 {
		return "", false
	}
	return op.run.Missing, true
}

// findParameter matches a parameter in an expression that finds a run.
var findParameter = regexp.MustCompile(`\b(path|query|body)\.(\w+)`)

// FindsBy returns the parameters that name an existing run, as [in, name]: in is path, query or body.
func (op *Operation) FindsBy() [][2]string {
	if op.run == nil {
		return nil
	}
	var all [][2]string
	for _, e := range op.run.Find {
		for _, found := range findParameter.FindAllStringSubmatch(e.String(), -1) {
			all = append(all, [2]string{found[1], found[2]})
		}
	}
	return all
}

// RefersRuns reports whether new runs of the operation have a name in the provider's format.
func (op *Operation) RefersRuns() bool { return op.run != nil && op.run.Reference.Expression != nil }

// Reference returns the name of a new run in the provider's format. It is empty if the provider has none, or if the
// expression yields nothing.
func (op *Operation) Reference(s *template.Scope) (string, error) {
	if !op.RefersRuns() {
		return "", nil
	}
	v, err := op.run.Reference.Value(s)
	if err != nil || v == nil {
		return "", err
	}
	return fmt.Sprint(v), nil
}

// Alias returns the second name of a run that the operation started, or nothing.
func (op *Operation) Alias(s *template.Scope) string {
	if op.run == nil {
		return ""
	}
	return op.run.Alias.First(s)
}

// Subject returns the subject of a request, empty if the operation has none.
func (op *Operation) Subject(s *template.Scope) string {
	if op.run == nil {
		return ""
	}
	return op.run.Subject.First(s)
}

// Request returns the documented request body for a subject, and its media type. The body is nil if the document has none.
func (op *Operation) Request(subject string) (mediaType string, body *template.Node, err error) {
	mediaType, body = op.RequestExample()
	if body == nil || subject == "" || op.run == nil {
		return mediaType, body, nil
	}
	value, err := template.Literal(subject)
	if err != nil {
		return "", nil, err
	}
	if steps := op.subjectIn(body); steps != nil {
		return mediaType, body.MergeAt(steps, value), nil
	}
	return "", nil, fmt.Errorf("%s: the documented request has no field for the subject", op.ID)
}

// subjectIn returns the path of the subject in the documented body, or nil.
func (op *Operation) subjectIn(body *template.Node) []string {
	if op.run == nil || body == nil {
		return nil
	}
	for _, alternative := range op.run.Subject {
		path, ok := strings.CutPrefix(alternative.String(), "body.")
		if !ok || strings.ContainsAny(path, " ()?+[") {
			continue
		}
		if steps := strings.Split(path, "."); body.Lookup(steps...) != nil {
			return steps
		}
	}
	return nil
}

// Form returns the operation's input, one level deep.
func (op *Operation) Form() (Form, error) {
	_, example := op.RequestExample()
	return op.Operation.Form(op.subjectIn(example))
}

// ValidateResponse checks status and body of a response against the document. An undocumented status is
// [ErrUndocumentedStatus].
func (op *Operation) ValidateResponse(status int, body []byte) error {
	schemas, err := op.Load()
	if err != nil {
		return err
	}
	return schemas.ValidateResponse(status, body)
}
