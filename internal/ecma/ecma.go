// Package ecma translates regular expressions of ECMA-262, as JSON Schema has them, to those of Go.
//
// A construct that Go cannot express, such as lookahead and back-references, is an error. Matching does not belong here.
package ecma

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Translate returns the expression of Go for a pattern. The error reports a pattern that Go cannot express, or that is wrong.
func Translate(pattern string) (string, error) {
	if _, err := regexp.Compile(pattern); err == nil && !strings.Contains(pattern, `\Z`) {
		return pattern, nil
	}
	t := &translator{src: pattern}
	if err := t.run(); err != nil {
		return "", fmt.Errorf("pattern %q: %w", pattern, err)
	}
	if _, err := regexp.Compile(t.dst.String()); err != nil {
		return "", fmt.Errorf("pattern %q: %w", pattern, err)
	}
	return t.dst.String(), nil
}

type translator struct {
	src   string
	at    int
	dst   strings.Builder
	class bool // inside [ ]
}

func (t *translator) run() error {
	for t.at < len(t.src) {
		rest := t.src[t.at:]
		switch {
		case rest[0] == '\\':
			if err := t.escape(); err != nil {
				return err
			}
			continue
		case t.class:
			t.inClass(rest)
			continue
		case strings.HasPrefix(rest, "[^]"):
			t.write(3, `[\s\S]`)
			continue
		case strings.HasPrefix(rest, "[]"):
			t.write(2, `[^\s\S]`)
			continue
		case rest[0] == '[':
			t.class = true
			if strings.HasPrefix(rest, "[^") {
				t.write(2, "[^")
				continue
			}
		case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") || strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
			return fmt.Errorf("lookahead and lookbehind are not supported")
		case rest[0] == '{':
			if t.repetition(rest) {
				continue
			}
			t.write(1, `\{`)
			continue
		}
		t.write(1, rest[:1])
	}
	return nil
}

func (t *translator) write(n int, text string) {
	t.at += n
	t.dst.WriteString(text)
}

func (t *translator) inClass(rest string) {
	switch rest[0] {
	case ']':
		t.class = false
		t.write(1, "]")
	case '[':
		t.write(1, `\[`)
	default:
		t.write(1, rest[:1])
	}
}

var repeated = regexp.MustCompile(`^\{(\d+)(,)?(\d*)\}`)

// repetition copies {n,m}. Go limits both to 1000: a higher maximum becomes none, a higher minimum 1000.
func (t *translator) repetition(rest string) bool {
	found := repeated.FindStringSubmatch(rest)
	if found == nil {
		return false
	}
	least, err := strconv.Atoi(found[1])
	if err != nil || least > 1000 {
		least = 1000
	}
	most, err := strconv.Atoi(found[3])
	text := fmt.Sprintf("{%d}", least)
	switch {
	case found[2] != "" && (found[3] == "" || err != nil || most > 1000), strconv.Itoa(least) != found[1] && len(found[1]) >= 4:
		text = fmt.Sprintf("{%d,}", least)
	case found[2] != "":
		text = fmt.Sprintf("{%d,%d}", least, most)
	}
	t.write(len(found[0]), text)
	return true
}

var (
	unicodeOf = regexp.MustCompile(`^\\u(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{4}))`)
	controlOf = regexp.MustCompile(`^\\c([A-Za-z])`)
	named     = regexp.MustCompile(`^\\[pP](?:\{[^}]*\}|[A-Z])`)
)

// escape translates a backslash and the characters after it.
func (t *translator) escape() error {
	rest := t.src[t.at:]
	if len(rest) == 1 {
		return fmt.Errorf("ends in a backslash")
	}
	if found := unicodeOf.FindStringSubmatch(rest); found != nil {
		t.write(len(found[0]), `\x{`+found[1]+found[2]+`}`)
		return nil
	}
	if found := controlOf.FindStringSubmatch(rest); found != nil {
		t.write(len(found[0]), fmt.Sprintf(`\x%02x`, found[1][0]&31))
		return nil
	}
	if found := named.FindString(rest); found != "" {
		for _, long := range [][2]string{{"Letter", "L"}, {"Alphabetic", "L"}, {"Script=", ""}, {"Number", "N"}, {"IsAlphabetic", "L"}} {
			found = strings.Replace(found, "{"+long[0], "{"+long[1], 1)
		}
		t.write(len(named.FindString(rest)), found)
		return nil
	}
	switch c := rest[1]; {
	case strings.IndexByte("dDwWsSbBtnvfr", c) >= 0:
		if c == 'b' && t.class {
			t.write(2, `\x08`)
			return nil
		}
		t.write(2, rest[:2])
	case c == 'x' && len(rest) >= 4:
		t.write(4, rest[:4])
	case c == '0':
		t.write(2, `\x00`)
	case c >= '1' && c <= '9' && !t.class:
		return fmt.Errorf("back-references are not supported")
	case c == 'Z' || c == 'z':
		t.write(2, `\z`)
	case c == 'A':
		t.write(2, `\A`)
	default: // an escape that means the character itself
		r, size := utf8.DecodeRuneInString(rest[1:])
		text := regexp.QuoteMeta(string(r))
		if r == '-' {
			text = `\-`
		}
		t.write(1+size, text)
	}
	return nil
}
