package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// like compares JSON with a sample: the same members in the same order, of the same types and with the same values. In
// the sample … matches any part of a string, and "…number" any number. Members are the names and indices of the part to
// compare; a string there is parsed as JSON.
func like(got, want string, members ...string) error {
	at, err := find([]byte(got), members)
	if err != nil {
		return err
	}
	var sample bytes.Buffer
	if err := json.Compact(&sample, []byte(want)); err != nil {
		return fmt.Errorf("the sample is not JSON: %w", err)
	}
	if fits(string(at), sample.String()) {
		return nil
	}
	wants, gots := lines(sample.Bytes()), lines(at)
	for i, got := range gots { // wildcards of the sample are not differences
		if n := slices.IndexFunc(wants, func(want string) bool { return fits(got, want) }); n >= 0 {
			gots[i] = wants[n]
		}
	}
	return fmt.Errorf("not like the sample (-want +got):\n%s", cmp.Diff(strings.Join(wants, "\n"), strings.Join(gots, "\n")))
}

var leftOpen = strings.NewReplacer(`"…number"`, `-?[0-9]+(?:\.[0-9]+)?`, "…", `(?:[^"\\]|\\.)*`)

// fits reports whether compact JSON, or a line of it, matches a sample.
func fits(got, want string) bool {
	return regexp.MustCompile("^" + leftOpen.Replace(regexp.QuoteMeta(want)) + "$").MatchString(got)
}

// find returns the part of a document under members, as written except for white space.
func find(doc []byte, members []string) ([]byte, error) {
	for i, m := range members {
		var object map[string]json.RawMessage
		var array []json.RawMessage
		if json.Unmarshal(doc, &object) == nil {
			doc = object[m]
		} else if n, err := strconv.Atoi(m); err == nil && json.Unmarshal(doc, &array) == nil && n < len(array) {
			doc = array[n]
		} else {
			doc = nil
		}
		if doc == nil {
			return nil, fmt.Errorf("nothing is at %s", strings.Join(members[:i+1], " "))
		}
	}
	var text string
	if len(members) > 0 && json.Unmarshal(doc, &text) == nil {
		doc = []byte(text)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, doc); err != nil {
		return nil, fmt.Errorf("%q is not JSON: %w", doc, err)
	}
	return compact.Bytes(), nil
}

// lines returns an indented document, by line.
func lines(doc []byte) []string {
	var b bytes.Buffer
	if err := json.Indent(&b, doc, "", "  "); err != nil {
		return []string{string(doc)}
	}
	return strings.Split(b.String(), "\n")
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		got, want string
		members   string
		fits      bool
	}{
		{`{"a": 1, "b": "x"}`, `{"a":1,"b":"x"}`, "", true},
		{`{"b":"x","a":1}`, `{"a":1,"b":"x"}`, "", false},       // another order
		{`{"a":"1"}`, `{"a":1}`, "", false},                     // another type
		{`{"a":1,"b":2}`, `{"a":1}`, "", false},                 // one more
		{`{"a":"x\"y"}`, `{"a":"…"}`, "", true},                 // any string
		{`{"a":"x","b":"y"}`, `{"a":"…"}`, "", false},           // … ends with its string
		{`{"a":"Bearer x"}`, `{"a":"Bearer …"}`, "", true},      // the rest of a string
		{`{"a":-1.5}`, `{"a":"…number"}`, "", true},             // any number
		{`{"a":"1.5"}`, `{"a":"…number"}`, "", false},           // a string is not a number
		{`{"a":[{"b":"{\"c\":1}"}]}`, `{"c":1}`, "a 0 b", true}, // JSON within a string
		{`{"a":[{"b":1}]}`, `1`, "a 1 b", false},
		{`{"a":1}`, `{"a":`, "", false},
	} {
		if err := like(c.got, c.want, strings.Fields(c.members)...); (err == nil) != c.fits {
			t.Errorf("%s like %s: %v, want it to fit: %v", c.got, c.want, err, c.fits)
		}
	}
}
