package webhook

import (
	"strings"
	"testing"
)

func TestAccept(t *testing.T) {
	tests := []struct {
		list     []string
		has, not []int
	}{
		{nil, []int{200, 204, 299}, []int{0, 100, 199, 300, 302, 500, 700, -1}},
		{[]string{"2xx"}, []int{200, 299}, []int{199, 300}},
		{[]string{"200"}, []int{200}, []int{199, 201, 204}},
		{[]string{"200-204", " 302 ", "5XX"}, []int{200, 204, 302, 500, 599}, []int{205, 301, 499, 600}},
		{[]string{"100", "599"}, []int{100, 599}, []int{99, 101, 598, 600, 663}},
	}
	for _, tt := range tests {
		a, err := ParseAccept(tt.list)
		if err != nil {
			t.Errorf("ParseAccept(%q): %v", tt.list, err)
		}
		for _, code := range tt.has {
			if !a.Has(code) {
				t.Errorf("ParseAccept(%q).Has(%d) = false", tt.list, code)
			}
		}
		for _, code := range tt.not {
			if a.Has(code) {
				t.Errorf("ParseAccept(%q).Has(%d) = true", tt.list, code)
			}
		}
	}
}

func TestAcceptErrors(t *testing.T) {
	bad := []string{"", "20", "2x", "xxx", "0xx", "6xx", "99", "600", "+20", "204-200", "200-", "-200", "2xx-3xx", "ok"}
	for _, s := range bad {
		if _, err := ParseAccept([]string{s}); err == nil {
			t.Errorf("ParseAccept(%q): no error", s)
		}
	}
	_, err := ParseAccept([]string{"200", "first", "second"})
	if err == nil || !strings.Contains(err.Error(), `"first"`) || !strings.Contains(err.Error(), `"second"`) {
		t.Errorf("error does not name both elements: %v", err)
	}
}

func TestWants(t *testing.T) {
	all, some := Endpoint{}, Endpoint{Events: []string{"a", "b"}}
	if !all.Wants("x") || !some.Wants("b") || some.Wants("x") {
		t.Error("an endpoint without a filter wants all events, with a filter only those listed")
	}
}
