package main

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\))?)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+?) *$`)
	fences  = regexp.MustCompile("(?ms)^```.*?^```$")
	spans   = regexp.MustCompile("`[^`\n]*`")
)

// Links of the documents lead to files and headings that exist, and other links are https.
func TestLinks(t *testing.T) {
	checked := 0
	for _, page := range markdown(t) {
		text := spans.ReplaceAllString(fences.ReplaceAllString(readFile(t, page), ""), "")
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			checked++
			target, err := url.Parse(found[1])
			if err != nil {
				t.Errorf("%s: %v", page, err)
				continue
			}
			if target.Scheme != "" {
				if target.Scheme != "https" && target.Hostname() != "127.0.0.1" {
					t.Errorf("%s: the link %s is not https", page, found[1])
				}
				continue
			}
			file := page
			if target.Path != "" {
				file = path.Join(path.Dir(page), target.Path)
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", page, found[1])
				continue
			}
			if target.Fragment != "" && path.Ext(file) == ".md" && !slices.Contains(anchors(readFile(t, file)), target.Fragment) {
				t.Errorf("%s: %s has no heading #%s", page, file, target.Fragment)
			}
		}
	}
	if checked < 80 {
		t.Errorf("%d links were found", checked)
	}
}

// The page of headers has every header of idmock's own that the code names, and no other.
func TestHeaderPage(t *testing.T) {
	named := regexp.MustCompile(`["'](X-Idmock(?:-[A-Za-z]+)*)["']`)
	inCode := map[string]bool{}
	for _, dir := range []string{"cmd", "conformance", "internal", "mockserver", "openapi", "scenarios"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(file, "_test.go") || !slices.Contains([]string{".go", ".js", ".html"}, path.Ext(file)) {
				return err
			}
			text, err := os.ReadFile(file)
			for _, found := range named.FindAllSubmatch(text, -1) {
				inCode[string(found[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	onPage := map[string]bool{}
	for _, found := range regexp.MustCompile("`(X-Idmock(?:-[A-Za-z]+)*)[`:]").FindAllStringSubmatch(readFile(t, "docs/reference/headers.md"), -1) {
		onPage[found[1]] = true
	}
	if diff := cmp.Diff(inCode, onPage); diff != "" || len(inCode) < 3 {
		t.Errorf("headers (-code +page):\n%s", diff)
	}
}

// anchors returns the anchors of a page's headings, as GitHub makes them.
func anchors(text string) []string {
	var all []string
	for _, found := range heading.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			case r == ' ':
				return '-'
			}
			return -1
		}, found[1]))
	}
	return all
}
