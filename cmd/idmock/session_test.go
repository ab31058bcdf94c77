//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/published"
	"github.com/idmock/idmock/internal/testenv"
)

// TestDocs pastes the blocks of each page into a shell of its own and compares the output with the page: see block.
// The pages share one server, each with ports of its own.
func TestDocs(t *testing.T) {
	testenv.Need(t, "bash", "curl", "node", "npm", "python3", "java", "php")
	shared := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0", "--targets", "local")
	base := shared.must(t, `^ready http://(\S+)$`)[1]
	t.Run("pages", func(t *testing.T) {
		for _, name := range markdown(t) {
			if !executed(name) || !slices.ContainsFunc(blocksOf(t, name), block.runs) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := &page{shell: newShell(t, nil), server: base, ports: map[string]string{}}
				p.use(t, base)
				// The compiled program instead of compiling it again.
				p.paste(t, `go() { if [[ $1 = run && $2 = ./cmd/idmock ]]; then shift 2; idmock "$@"; else command go "$@"; fi; }`)
				all := blocksOf(t, name)
				if slices.ContainsFunc(all, func(b block) bool { return b.runs() && strings.Contains(b.text, "npm pack") }) {
					p.packed(t)
				}
				for i, b := range all {
					want := ""
					if i+1 < len(all) && all[i+1].language == "text" {
						want = all[i+1].text
					}
					p.do(t, b, want)
				}
			})
		}
	})
}

// packed has npm pack return the package that it downloaded once.
func (p *page) packed(t *testing.T) {
	t.Helper()
	archive, err := published.Download()
	if err != nil {
		t.Fatal(err)
	}
	p.paste(t, `npm() { if [[ $1 = pack ]]; then cp '`+archive+`' . && basename '`+archive+`'; else command npm "$@"; fi; }`)
}

func (b block) runs() bool {
	return b.language == "sh" && (b.label == "session" || b.label == "beside")
}

// page is a page that is being executed.
type page struct {
	*shell
	server string            // HOST:PORT that replaces 127.0.0.1:8080
	ports  map[string]string // replacements for the other ports that pages name
}

// use makes a server the one that the page's commands use.
func (p *page) use(t *testing.T, server string) {
	t.Helper()
	p.server = server
	// The defaults of the flags are the page's server; play without --server has one of its own.
	p.paste(t, "export IDMOCK=http://"+server+`
idmock() { case $1 in trigger|env|doctor) IDMOCK_SERVER=$IDMOCK command idmock "$@";; *) command idmock "$@";; esac; }`)
}

var samplePort = regexp.MustCompile(`\b(3000|3001|4000|4001|5300|9000)\b`)

// local replaces the addresses in a page's text by those of the test.
func (p *page) local(t *testing.T, text string) string {
	text = samplePort.ReplaceAllStringFunc(text, func(port string) string {
		if p.ports[port] == "" {
			p.ports[port] = freePort(t)
		}
		return p.ports[port]
	})
	return strings.NewReplacer("127.0.0.1:8080", p.server, "localhost:8080", p.server).Replace(text)
}

// do executes one block.
func (p *page) do(t *testing.T, b block, want string) {
	t.Helper()
	if file, ok := strings.CutPrefix(b.label, "file="); ok {
		p.save(t, file, b.text)
		return
	}
	switch {
	case b.label == "rules":
		p.save(t, "rules.yaml", "scenario: rules\nprovider: identitypass\ndescription: Rules of a page.\n"+b.text)
		p.run(t, "idmock lint rules.yaml", "1 file, no errors")
	case b.language == "sh" && b.label == "session":
		p.run(t, p.local(t, b.text), p.local(t, want))
	case b.language == "sh" && b.label == "beside":
		p.beside(t, b, want)
	}
}

// save writes a file into the folder of the page's shell.
func (p *page) save(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.cmd.Dir, file), []byte(p.local(t, text)), 0o600); err != nil {
		t.Fatal(err)
	}
}

var serves = regexp.MustCompile(`(?m)\bidmock serve\b`)

// beside starts the program of a block and waits until it prints the text that the page shows. A server is used by the
// blocks that follow.
func (p *page) beside(t *testing.T, b block, want string) {
	t.Helper()
	text := strings.ReplaceAll(b.text, "go run ./cmd/idmock", "idmock")
	var environment []string
	if serves.MatchString(text) {
		server := "127.0.0.1:" + freePort(t)
		p.use(t, server)
		environment, want = []string{"IDMOCK_ADDR=" + server}, "ready http://"+server
	}
	if want == "" {
		t.Fatalf("%s: no text follows the block\n%s", b.page, b.text)
	}
	program := prepare(p.cmd.Dir, environment, "bash", "-c", "exec "+p.local(t, text))
	if assignment.MatchString(text) {
		program.cmd.Args[2] = "exec env " + p.local(t, text)
	}
	if err := program.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(program.kill)
	program.must(t, strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(p.local(t, want))), "…", `.*`))
}

// assignment matches a command that begins with a variable of its own.
var assignment = regexp.MustCompile(`^[A-Z_]+=`)

// shell is a bash with commands from a pipe.
type shell struct {
	*process
	in     io.Writer
	pasted int // blocks
	read   int // bytes of said
}

func newShell(t *testing.T, extra []string) *shell {
	t.Helper()
	testenv.Need(t, "bash", "curl", "node", "python3")
	folder := t.TempDir() // links to the repository's entries, so that files of the session do not end up there
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Symlink(filepath.Join(root, e.Name()), filepath.Join(folder, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := prepare(folder, extra, "bash")
	p.cmd.Stdin = read
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // background processes end with the shell
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	read.Close()
	t.Cleanup(func() {
		write.Close()
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // the session may have ended all of it
		<-p.ended
	})
	return &shell{process: p, in: write}
}

// paste runs a text in the shell to its end and returns the output.
func (s *shell) paste(t *testing.T, text string) string {
	t.Helper()
	s.pasted++
	mark := fmt.Sprintf("end of block %d", s.pasted)
	if _, err := fmt.Fprintf(s.in, "%s\necho '%s'\n", strings.TrimSuffix(text, "\n"), mark); err != nil {
		t.Fatal(err)
	}
	s.must(t, "^"+mark+"$")
	s.mu.Lock()
	defer s.mu.Unlock()
	said := string(s.said[s.read:])
	s.read = len(s.said)
	return strings.Replace(said, mark+"\n", "", 1)
}

// run pastes a block and compares its output.
func (s *shell) run(t *testing.T, text, want string) {
	t.Helper()
	from := s.read
	said := s.paste(t, text)
	pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(want)), "…", `[\s\S]*`)
	if regexp.MustCompile(`^\s*` + pattern + `\s*$`).MatchString(said) {
		return
	}
	// Programs in the background may print later.
	if first, _, _ := strings.Cut(strings.TrimSpace(want), "…"); first != "" && strings.TrimSpace(said) == "" && s.says(first, from) {
		return
	}
	t.Errorf("the block\n%s\nprints\n%s\nand the page says\n%s", text, said, want)
}

// says waits for a text in the output after the byte offset since.
func (s *shell) says(text string, since int) bool {
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		found, more := bytes.Contains(s.said[since:], []byte(text)), s.more
		if found {
			s.read = len(s.said)
		}
		s.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-more:
		case <-deadline:
			return false
		}
	}
}
