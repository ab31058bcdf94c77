package diag_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/diag"
)

func TestString(t *testing.T) {
	for _, v := range []struct {
		name string
		d    diag.Diagnostic
		want string
	}{
		{"the whole file", diag.Diagnostic{File: "a.yaml", Message: "the file is empty"}, "a.yaml: the file is empty"},
		{"no excerpt", diag.Diagnostic{File: "a.yaml", Line: 2, Column: 3, Message: "unknown key"}, "a.yaml:2:3: unknown key"},
		{"a caret", diag.At("a.yaml", "one\ntwo: x\r\n", 2, 6, "unknown value"), "a.yaml:2:6: unknown value\n     2 | two: x\n       |      ^"},
		{"a tab", diag.At("a.json", "\t{]", 1, 3, "bad"), "a.json:1:3: bad\n     1 | \t{]\n       | \t ^"},
		{"past the end", diag.At("a.yaml", "one\n", 9, 1, "bad"), "a.yaml:9:1: bad"},
	} {
		if got := v.d.String(); got != v.want {
			t.Errorf("%s:\n%s\nwant\n%s", v.name, got, v.want)
		}
	}
}

// Of a long line, the part around the place is printed.
func TestLongLine(t *testing.T) {
	text := diag.At("a.yaml", strings.Repeat("a", 1000)+"X"+strings.Repeat("b", 1000), 1, 1001, "bad").String()
	lines := strings.Split(text, "\n")
	if len(lines[1]) > 260 || lines[1][len(lines[2])-1] != 'X' {
		t.Errorf("\n%s", text)
	}
}

func TestList(t *testing.T) {
	if err := (diag.List{}).Err(); err != nil {
		t.Errorf("an empty list is the error %v", err)
	}
	err := diag.List{{File: "b", Line: 1, Column: 1, Message: "2"}, {File: "a", Line: 3, Column: 1, Message: "1"}, {File: "a", Line: 2, Column: 7, Message: "0"}}.Err()
	var list diag.List
	if !errors.As(err, &list) || err.Error() != "a:2:7: 0\na:3:1: 1\nb:1:1: 2" {
		t.Errorf("%v", err)
	}
	if moved := list.In("dir"); moved[0].File != "dir/a" || list[0].File != "a" {
		t.Errorf("%v %v", moved, list)
	}
}
