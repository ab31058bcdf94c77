//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
)

// block is a code block of the README.
type block struct {
	language, text string
}

var blocks = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestSession pastes the README's session into a shell, block by block, and compares the output with the README. There, …
// matches any text.
func TestSession(t *testing.T) {
	serve := beside(t, nil, "idmock", "serve", "--addr", "127.0.0.1:0")
	base := serve.must(t, `^ready (\S+)$`)[1]
	sh := newShell(t, []string{"IDMOCK=" + base, "PORT=" + freePort(t)})
	// Run the compiled program instead of compiling it again.
	sh.paste(t, `go() { shift 2; idmock "$@"; }`)

	_, session, _ := strings.Cut(readme(t), "<!-- session -->")
	session, _, _ = strings.Cut(session, "<!-- /session -->")
	var all []block
	for _, found := range blocks.FindAllStringSubmatch(session, -1) {
		all = append(all, block{found[1], found[2]})
	}
	if len(all) < 15 {
		t.Fatalf("the README's session has %d blocks: are its marks still there?", len(all))
	}
	for i, b := range all {
		if b.language != "sh" {
			continue
		}
		want := ""
		if i+1 < len(all) && all[i+1].language == "text" {
			want = all[i+1].text
		}
		sh.run(t, b.text, want)
	}
}

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
	t.Errorf("the README's block\n%s\nprints\n%s\nand the README says\n%s", text, said, want)
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

// freePort returns an unused port.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
