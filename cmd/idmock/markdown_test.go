package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/testenv"
)

// root is the repository.
var root = filepath.Join("..", "..")

// markdown returns the paths of all Markdown files of the repository that we write, from the root and with slashes.
func markdown(t *testing.T) []string {
	t.Helper()
	testenv.Need(t, "git")
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(out))
	if len(files) < 20 {
		t.Fatalf("git found %d Markdown files", len(files))
	}
	return slices.DeleteFunc(files, func(file string) bool {
		_, err := os.Stat(filepath.Join(root, file))
		return err != nil // deleted and not committed yet
	})
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// block is a code block of a page. Its label follows the language:
//
//	sh session       pasted into the page's shell; a text block that follows is its output, in which … is any text
//	sh beside        the same, in the background: a server or receiver. It has to print the text that follows, or "ready"
//	sh tested=TEST   run by another test
//	LANGUAGE file=F  saved as F for the commands that follow
//	LANGUAGE from=F  part of the file F of the repository, which has a test of its own
//	yaml rules       rules of a scenario, which are linted
//	LANGUAGE exempt="REASON"
type block struct {
	page            string
	language, label string
	text            string
}

var blocks = regexp.MustCompile("(?ms)^```(\\w+) *([^\n]*)\n(.*?)^```$")

func blocksOf(t *testing.T, page string) []block {
	t.Helper()
	var all []block
	for _, found := range blocks.FindAllStringSubmatch(readFile(t, page), -1) {
		all = append(all, block{page, found[1], found[2], found[3]})
	}
	return all
}

// executed are the pages with labelled blocks. The other files have tests of their own, or no commands.
func executed(page string) bool {
	return page == "README.md" || page == "CONTRIBUTING.md" || strings.HasPrefix(page, "examples/") || strings.HasPrefix(page, "clients/") ||
		strings.HasPrefix(page, "docs/") && !strings.HasPrefix(page, "docs/adr/")
}

var (
	reason = regexp.MustCompile(`^exempt="([^"]{10,})"$`)
	tested = regexp.MustCompile(`^tested=(Test\w+)$`)
)

// Every code block of the documents is run, is part of a tested file, or gives the reason why it is not.
func TestBlocks(t *testing.T) {
	functions := testFunctions(t)
	exempt := 0
	for _, page := range markdown(t) {
		if !executed(page) {
			continue
		}
		for i, b := range blocksOf(t, page) {
			source, from := strings.CutPrefix(b.label, "from=")
			switch {
			case b.language == "mermaid" || b.language == "text" && i > 0:
			case b.language == "sh" && (b.label == "session" || b.label == "beside"), strings.HasPrefix(b.label, "file="), b.label == "rules":
			case tested.MatchString(b.label):
				if name := tested.FindStringSubmatch(b.label)[1]; !slices.Contains(functions, name) {
					t.Errorf("%s: no test %s", page, name)
				}
			case from:
				if !strings.Contains(trimmed(readFile(t, source)), trimmed(b.text)) {
					t.Errorf("%s: the block is not part of %s:\n%s", page, source, b.text)
				}
			case reason.MatchString(b.label):
				exempt++
				t.Logf("not run: %s: %s", page, reason.FindStringSubmatch(b.label)[1])
			default:
				t.Errorf("%s: a block has the label %q, see type block:\n%s", page, b.label, b.text)
			}
		}
	}
	if exempt > maxExempt {
		t.Errorf("%d blocks are not run, want at most %d", exempt, maxExempt)
	}
}

// maxExempt keeps exempt blocks an exception.
const maxExempt = 3

// trimmed removes indentation and empty lines.
func trimmed(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// testFunctions returns the names of the repository's tests.
func testFunctions(t *testing.T) []string {
	t.Helper()
	testenv.Need(t, "git")
	cmd := exec.CommandContext(t.Context(), "git", "grep", "-hE", "--untracked", `^func Test\w+\(`, "--", "*_test.go")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range testFunction.FindAllStringSubmatch(string(out), -1) {
		names = append(names, found[1])
	}
	return names
}
