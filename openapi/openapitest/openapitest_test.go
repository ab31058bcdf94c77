package openapitest_test

import (
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/openapi/openapitest"
)

var acme = os.DirFS("../testdata/acme")

// A user's folder: none of its scenarios ship.
func TestAUsersFolder(t *testing.T) { openapitest.Run(t, "acme", acme) }

// A user of the binary alone can write a directory with its own scenarios.
func TestSampleFolders(t *testing.T) {
	for _, name := range []string{"acme", "umbra", "nimbus"} {
		t.Run(name, func(t *testing.T) { openapitest.Run(t, name, os.DirFS("../../testdata/providers/"+name)) })
	}
}

// flaws are flawed directories that the suite must fail.
var flaws = map[string]struct{ file, old, by, want string }{
	"an answer that its schema refuses":  {"openapi.yaml", `"${fake.first_name}"`, `"${fake.int('n', 1, 9)}"`, "answers_are_true_to_their_schema"},
	"an example that does not render":    {"openapi.yaml", `"${string(subject)}"`, `"${fake.first_name + body.age}"`, "documented_examples_render"},
	"an error that keeps its reason":     {"provider.yaml", "{status: 503, body: {error: '${error.message}'}}", "{status: 503, body: {error: oops}}", "errors_have_the_provider's_shape"},
	"an error of another shape":          {"provider.yaml", "{status: 503, body: {error: '${error.message}'}}", "{status: 503, body: {oops: '${error.message}'}}", "errors_have_the_provider's_shape"},
	"an error that is not as documented": {"openapi.yaml", "required: [error]", "required: [code]", "bad_requests_are_refused"},
	"a run without a subject":            {"provider.yaml", "subject: [body.number, body.name]", "subject: body.age_of_nobody", "documented_requests_are_accepted"},
	"a run without a reference":          {"provider.yaml", "find: path.id", "find: path.ident", "documented_requests_are_accepted"},
	"an event that its schema refuses":   {"events/done.json", `"done"`, `3`, "events_are_true_to_their_schema"},
	"an event that does not render":      {"events/done.json", `'success'`, `'sucess'`, "events_are_true_to_their_schema"},
	"a signature that is not sent":       {"provider.yaml", "    - [X-Signature, '${signature}']\n", "", "signatures_can_be_verified"},
	"a document that is wrong":           {"openapi.yaml", "operationId: searchAll", "operationId: getCheck", "duplicate operationId getCheck"},
	"an operation that cannot be tried":  {"openapi.yaml", ", example: Ada", "", "documented_requests_are_accepted"},
}

// flawed names the flaw that the child process runs the suite with.
const flawed = "IDMOCK_TEST_FLAW"

func TestFlawsAreFound(t *testing.T) {
	testenv.Long(t)
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, flaw := range flaws {
		t.Run(name, func(t *testing.T) {
			child := exec.CommandContext(t.Context(), binary, "-test.run=^TestFlawed$")
			child.Env = append(os.Environ(), flawed+"="+name)
			out, err := child.CombinedOutput()
			if err == nil || !strings.Contains(string(out), flaw.want) {
				t.Errorf("it passes, or fails for another reason than %s (%v):\n%s", flaw.want, err, out)
			}
		})
	}
}

// TestFlawed runs in a child process of TestFlawsAreFound, where it must fail.
func TestFlawed(t *testing.T) {
	flaw, ok := flaws[os.Getenv(flawed)]
	if !ok {
		return
	}
	folder := fstest.MapFS{}
	for _, file := range []string{"provider.yaml", "openapi.yaml", "events/done.json"} {
		src, err := fs.ReadFile(acme, file)
		if err != nil {
			t.Fatal(err)
		}
		if file == flaw.file {
			src = []byte(strings.Replace(string(src), flaw.old, flaw.by, 1))
		}
		folder[file] = &fstest.MapFile{Data: src}
	}
	openapitest.Run(t, "acme", folder)
}
