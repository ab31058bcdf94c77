package archtest

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// banned are words and phrases that a reader outside the project stumbles over. They belong neither in identifiers,
// comments, messages nor documents.
var banned = regexp.MustCompile(`(?i)\b(somebody|nobody|everybody|whoever|whomever|whom|told|stands|lies|lets go|is no|puts back|as it says|may have it|goes astray|mends?|mended|of a kind that|so many)\b`)

// plain matches phrases with banned words that are plain English.
var plain = regexp.MustCompile(`(?i)\b(there is no|is no longer)\b`)

// clauses matches words of noun clauses that stand for a missing noun.
var clauses = regexp.MustCompile(`(?i)\b(what|whatever|whoever|whomever|whom|whose)\b`)

// maxClauses is the largest share of comment lines with such a word, in percent.
const maxClauses = 3

// excluded reports whether a file is from another project, or quotes the rules.
func excluded(file string) bool {
	return file == "internal/archtest/language_test.go" || file == "THIRD_PARTY_NOTICES" || file == "go.sum" || file == "LICENSE" ||
		strings.Contains(file, "/testdata/fuzz/") || strings.HasSuffix(file, ".golden") || strings.Contains(file, "package-lock")
}

// finding is one use of a banned word.
type finding struct {
	file string
	line int
	kind string // comment, text, name
	text string
}

func (f finding) String() string { return fmt.Sprintf("%s:%d: %s: %s", f.file, f.line, f.kind, f.text) }

// Words of the field, in the order in which people read them: the reader has ten minutes.
func TestLanguage(t *testing.T) {
	var all []finding
	lines, withClause := 0, 0
	perDir := map[string][2]int{}
	for _, file := range tracked(t) {
		if excluded(file) {
			continue
		}
		if path.Ext(file) != ".go" {
			all = append(all, scanText(file, read(t, file))...)
			continue
		}
		found, n, clause := scanGo(t, file, read(t, file))
		all = append(all, found...)
		lines, withClause = lines+n, withClause+clause
		d := perDir[path.Dir(file)]
		perDir[path.Dir(file)] = [2]int{d[0] + n, d[1] + clause}
	}
	counts := map[string]int{}
	for _, f := range all {
		counts[path.Dir(f.file)]++
	}
	for _, dir := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%4d banned words in %s", counts[dir], dir)
	}
	for _, dir := range slices.Sorted(maps.Keys(perDir)) {
		if d := perDir[dir]; d[0] > 0 && 100*d[1] > maxClauses*d[0] {
			t.Logf("%4.1f %% of %d comment lines with what, whoever, whom or whose in %s", percent(d[1], d[0]), d[0], dir)
		}
	}
	for _, f := range all {
		t.Errorf("%v", f)
	}
	if share := percent(withClause, lines); share > maxClauses {
		t.Errorf("%.1f %% of %d comment lines hold what, whoever, whom or whose, want at most %d %%: write the noun", share, lines, maxClauses)
	} else {
		t.Logf("%.1f %% of %d comment lines hold what, whoever, whom or whose", share, lines)
	}
	t.Logf("%d banned words", len(all))
}

func percent(part, all int) float64 {
	if all == 0 {
		return 0
	}
	return 100 * float64(part) / float64(all)
}

// scanGo scans the comments, string literals and declared names of a Go file, and counts comment lines.
func scanGo(t *testing.T, file, src string) (found []finding, lines, withClause int) {
	t.Helper()
	fset := token.NewFileSet()
	f := fset.AddFile(file, -1, len(src))
	var s scanner.Scanner
	s.Init(f, []byte(src), nil, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		at := f.Line(pos)
		switch tok {
		case token.COMMENT:
			for i, line := range strings.Split(text, "\n") {
				lines++
				if clauses.MatchString(line) {
					withClause++
				}
				found = append(found, findings(file, at+i, "comment", line)...)
			}
		case token.STRING:
			text, err := strconv.Unquote(text)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(text, "\n") {
				found = append(found, findings(file, at+i, "text", line)...)
			}
		}
	}
	return append(found, scanNames(t, file, src)...), lines, withClause
}

// scanNames scans the names that a Go file declares, split into words.
func scanNames(t *testing.T, file, src string) []finding {
	t.Helper()
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, src, 0) //nolint:staticcheck // Ident.Obj tells declarations from uses without types
	if err != nil {
		t.Fatal(err)
	}
	var found []finding
	ast.Inspect(tree, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Obj != nil && id.Obj.Pos() == id.Pos() {
			found = append(found, findings(file, fset.Position(id.Pos()).Line, "name", words(id.Name))...)
		}
		return true
	})
	return found
}

// words splits a name in camel case.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// scanText scans a document, page, script or configuration file. Binary files have no words.
func scanText(file, src string) []finding {
	if strings.ContainsRune(src, 0) {
		return nil
	}
	var found []finding
	lines := bufio.NewScanner(strings.NewReader(src))
	lines.Buffer(nil, len(src)+1)
	for n := 1; lines.Scan(); n++ {
		found = append(found, findings(file, n, "text", lines.Text())...)
	}
	return found
}

func findings(file string, line int, kind, text string) []finding {
	var found []finding
	text = plain.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("-", len(s)) })
	for _, at := range banned.FindAllStringIndex(text, -1) {
		found = append(found, finding{file, line, kind, "«" + text[at[0]:at[1]] + "» in: " + shorten(text, at[0])})
	}
	return found
}

// shorten returns the part of a line around an offset.
func shorten(text string, at int) string {
	return strings.ToValidUTF8(strings.TrimSpace(text[max(0, at-50):min(len(text), at+60)]), "")
}

// Every package has a comment with its purpose and limits.
func TestPackagesHaveComments(t *testing.T) {
	for _, p := range packagesOf(t) {
		comments := 0
		for _, file := range p.GoFiles {
			tree, err := parser.ParseFile(token.NewFileSet(), path.Join(p.Dir, file), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if tree.Doc == nil {
				continue
			}
			comments++
			if want := "Package " + tree.Name.Name + " "; tree.Name.Name != "main" && !strings.HasPrefix(tree.Doc.Text(), want) {
				t.Errorf("%s: the package comment must begin with %q", path.Join(p.name(), file), want)
			}
		}
		if comments != 1 && len(p.GoFiles) > 0 {
			t.Errorf("%s: %d package comments, want 1", p.name(), comments)
		}
	}
}
