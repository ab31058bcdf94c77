package scenarios_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
)

// languageServer is the server that editors run for YAML. Tests download it from npm once per machine.
const languageServer = "yaml-language-server@2.0.0"

// An editor that supports the first line completes the provider's names, explains keys and underlines mistakes.
func TestEditor(t *testing.T) {
	schema, err := filepath.Abs("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	e := newEditor(t)
	const header = "# yaml-language-server: $schema=SCHEMA\nscenario: edited\nprovider: prembly\nrules:\n"
	text := strings.Replace(header, "SCHEMA", "file://"+schema, 1) + `  - on: verifyB
    reply: {example: }
    then:
      - send: 
        expect: {status: 2xx}
      - sned: verification.completed
  - on: {simulate: }
  - on: verifyBNV
  - on:
      - verify*
      - verifyX
    set: {status: VERIFIED}
    then:
      - after: 2h
        send: verification.completed
        else: {send: verification.complete}
`
	lines := strings.Split(text, "\n")
	after := func(line int, text string) (int, int) { return line, strings.Index(lines[line], text) + len(text) }
	uri := e.open("edited.yaml", text)

	for _, c := range []struct {
		line  int
		after string
		want  []string
	}{
		{4, "on: verifyB", []string{"verifyBVNBasic", "initializeWidget"}},
		{5, "example: ", []string{"not-found", "success"}},
		{7, "send: ", []string{"verification.completed", "sdk.completed"}},
		{10, "simulate: ", []string{"aml-hit"}},
		{14, "- verify", []string{"verifyBVNBasic", "start"}},
		{19, "send: ", []string{"sdk.completed"}},
	} {
		line, column := after(c.line, c.after)
		got := e.complete(uri, line, column)
		for _, want := range c.want {
			if !slices.Contains(got, want) {
				t.Errorf("line %d after %q: completes %q, want %q among them", c.line+1, c.after, got, want)
			}
		}
	}
	for _, c := range []struct {
		line       int
		key, wants string
	}{
		{4, "o", "When the rule applies"}, {5, "rep", "The response"}, {7, "se", "The event to send"}, {17, "af", "Account time since the previous step"},
	} {
		line, column := after(c.line, c.key)
		if got := e.hover(uri, line, column); !strings.Contains(got, c.wants) {
			t.Errorf("line %d, hover over %q: %q, want %q", c.line+1, c.key, got, c.wants)
		}
	}
	underlined := e.diagnostics(uri)
	for line, want := range map[int]string{9: "sned", 11: "verifyBNV", 14: "verifyX", 19: "verification.complete"} {
		if !slices.ContainsFunc(underlined, func(d diagnostic) bool { return d.Range.Start.Line <= line && line <= d.Range.End.Line }) {
			t.Errorf("line %d: %s is not underlined: %+v", line+1, want, underlined)
		}
	}
	for _, d := range underlined {
		if d.Range.Start.Line > 14 && d.Range.Start.Line < 19 {
			t.Errorf("underlined without a reason: %+v", d)
		}
	}

	// The built-in scenarios are valid in an editor as well.
	shipped, err := filepath.Glob("../openapi/*/scenarios/*.yaml")
	if err != nil || len(shipped) < 30 {
		t.Fatalf("%d files, %v", len(shipped), err)
	}
	for _, file := range shipped {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		uri := e.open(strings.TrimPrefix(filepath.ToSlash(file), "../"), "# yaml-language-server: $schema=file://"+schema+"\n"+string(src))
		for _, d := range e.diagnostics(uri) {
			t.Errorf("%s:%d: underlined: %s", file, d.Range.Start.Line, d.Message)
		}
	}
}

// editor is a client of the language server.
type editor struct {
	t        *testing.T
	in       io.Writer
	id       int
	shown    map[string][]diagnostic // by document
	received chan message
	ended    chan error
}

type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`
}

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type diagnostic struct {
	Range   struct{ Start, End position }
	Message string
}

func newEditor(t *testing.T) *editor {
	t.Helper()
	testenv.Need(t, "node", "npm")
	server := exec.CommandContext(t.Context(), "node", filepath.Join(testenv.NPM(t, languageServer), "node_modules", "yaml-language-server", "bin", "yaml-language-server"), "--stdio")
	in, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatalf("node: %v: the editor test needs it, see .ci/tools", err)
	}
	e := &editor{t: t, in: in, shown: map[string][]diagnostic{}, received: make(chan message), ended: make(chan error, 1)}
	go e.read(bufio.NewReader(out))
	t.Cleanup(func() {
		_ = in.Close()
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	e.ask("initialize", map[string]any{"processId": os.Getpid(), "rootUri": nil, "capabilities": map[string]any{
		"textDocument": map[string]any{"hover": map[string]any{"contentFormat": []string{"plaintext"}}, "completion": map[string]any{}},
	}})
	e.send(message{Method: "initialized", Params: json.RawMessage(`{}`)})
	e.send(message{Method: "workspace/didChangeConfiguration", Params: json.RawMessage(
		`{"settings":{"yaml":{"validate":true,"hover":true,"completion":true,"schemaStore":{"enable":false}}}}`)})
	return e
}

func (e *editor) send(m message) {
	e.t.Helper()
	body, err := json.Marshal(struct {
		Version string `json:"jsonrpc"`
		message
	}{"2.0", m})
	if err == nil {
		_, err = fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

// read passes on the server's messages.
func (e *editor) read(out *bufio.Reader) {
	for {
		length := 0
		for {
			line, err := out.ReadString('\n')
			if err != nil {
				e.ended <- err
				return
			}
			if line = strings.TrimSpace(line); line == "" {
				break
			}
			_, _ = fmt.Sscanf(line, "Content-Length: %d", &length)
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(out, body); err != nil {
			e.ended <- err
			return
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			e.ended <- err
			return
		}
		e.received <- m
	}
}

// next returns the next message, and responds if it is a request of the server.
func (e *editor) next() message {
	e.t.Helper()
	select {
	case m := <-e.received:
		switch {
		case m.Method == "textDocument/publishDiagnostics":
			var p struct {
				URI         string
				Diagnostics []diagnostic
			}
			if err := json.Unmarshal(m.Params, &p); err != nil {
				e.t.Fatal(err)
			}
			for i, d := range p.Diagnostics { // some list every valid name
				p.Diagnostics[i].Message = d.Message[:min(len(d.Message), 80)]
			}
			e.shown[p.URI] = append([]diagnostic{}, p.Diagnostics...)
		case m.Method == "workspace/configuration":
			e.send(message{ID: m.ID, Result: json.RawMessage(`[{"validate":true,"hover":true,"completion":true,"schemaStore":{"enable":false}},{},{},{},{}]`)})
		case m.Method != "" && m.ID != nil:
			e.send(message{ID: m.ID, Result: json.RawMessage(`null`)})
		}
		return m
	case err := <-e.ended:
		e.t.Fatalf("the language server exited: %v", err)
	case <-time.After(time.Minute):
		e.t.Fatal("no message of the language server in a minute")
	}
	return message{}
}

func (e *editor) ask(method string, params any) json.RawMessage {
	e.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		e.t.Fatal(err)
	}
	e.id++
	id := fmt.Sprint(e.id)
	e.send(message{ID: json.RawMessage(id), Method: method, Params: body})
	for {
		m := e.next()
		if m.Method == "" && string(m.ID) == id {
			if m.Error != nil {
				e.t.Fatalf("%s: %s", method, m.Error)
			}
			return m.Result
		}
	}
}

func (e *editor) open(name, text string) (uri string) {
	e.t.Helper()
	uri = "file:///scenarios/" + name
	params, err := json.Marshal(map[string]any{"textDocument": map[string]any{"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
	if err != nil {
		e.t.Fatal(err)
	}
	e.send(message{Method: "textDocument/didOpen", Params: params})
	return uri
}

func at(uri string, line, column int) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": uri}, "position": position{line, column}}
}

func (e *editor) complete(uri string, line, column int) []string {
	e.t.Helper()
	var list struct{ Items []struct{ Label string } }
	if err := json.Unmarshal(e.ask("textDocument/completion", at(uri, line, column)), &list); err != nil {
		e.t.Fatal(err)
	}
	var labels []string
	for _, item := range list.Items {
		labels = append(labels, item.Label)
	}
	return labels
}

func (e *editor) hover(uri string, line, column int) string {
	e.t.Helper()
	return string(e.ask("textDocument/hover", at(uri, line, column)))
}

// diagnostics waits for the diagnostics of a document.
func (e *editor) diagnostics(uri string) []diagnostic {
	e.t.Helper()
	for e.shown[uri] == nil {
		e.next()
	}
	return e.shown[uri]
}
