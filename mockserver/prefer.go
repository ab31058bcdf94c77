package mockserver

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/openapi"
)

// prefer answers a call that asks for a documented answer itself, as in Prefer: code=404, example=NAME. The call is
// judged as any other; nothing is played, no run begins or moves, and what is armed stays armed. asked is false where the
// header prefers something else, which is none of ours.
func (s *step) prefer(ctx context.Context, p *provider, c *openapi.Call, header string, scope *template.Scope, call *journal.Call) (reply Reply, asked bool, err error) {
	wanted := preferences(header)
	code, withCode := wanted["code"]
	name, withName := wanted["example"]
	if !withCode && !withName {
		return Reply{}, false, nil
	}
	var applied []string
	status := 0
	if withCode {
		if status, err = strconv.Atoi(code); err != nil || status < 100 || status > 599 {
			return Reply{}, true, &openapi.Error{Kind: openapi.Invalid, Field: "Prefer", Message: fmt.Sprintf("Prefer: code=%q is no HTTP status", code)}
		}
		applied = append(applied, "code="+code)
	}
	if withName {
		applied = append(applied, "example="+word(name))
	}
	if err := s.look(ctx, p, c, scope); err != nil {
		return Reply{}, true, err
	}
	reply.Reply, err = p.ReplyWith(c.Operation, status, name, scope)
	if err != nil {
		return Reply{}, true, err
	}
	told := strings.Join(applied, ", ")
	reply.Header = append(reply.Header, [2]string{"Preference-Applied", told})
	call.Rule = "prefer " + told
	return reply, true, nil
}

// look shows an answer the run that a call is about, or one that never will be.
func (s *step) look(ctx context.Context, p *provider, c *openapi.Call, scope *template.Scope) error {
	r := &run{Provider: p.Name, Operation: c.Operation.ID, Subject: c.Subject, Started: s.now}
	if _, finds := c.Operation.Finds(); finds {
		found, err := s.engine.findNamed(ctx, s.account, p, c)
		if err != nil {
			return err
		}
		if found != nil {
			r = found
			scope.Subject, scope.Fake = r.Subject, fake.New(fake.Seed(s.account.seed, "subject", r.Subject))
		}
	} else if c.Operation.Starts() {
		r.Reference = s.account.uuid(p.Name)
	}
	scope.Run = r.values()
	return nil
}

// preferences reads a Prefer header (RFC 7240, section 2): names and values with = between, separated by commas, each
// perhaps with parameters after a semicolon, which mean nothing here. Of a name that comes twice the first counts.
func preferences(header string) map[string]string {
	all := map[string]string{}
	for one := range outside(header, ',') {
		for first := range outside(one, ';') {
			name, value, _ := strings.Cut(first, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if _, have := all[name]; !have && name != "" {
				all[name] = unquote(strings.TrimSpace(value))
			}
			break
		}
	}
	return all
}

// outside splits at a character where that is not in quotes.
func outside(s string, at byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		from, quoted := 0, false
		for i := 0; i < len(s); i++ {
			switch {
			case quoted && s[i] == '\\':
				i++
			case s[i] == '"':
				quoted = !quoted
			case s[i] == at && !quoted:
				if !yield(s[from:i]) {
					return
				}
				from = i + 1
			}
		}
		yield(s[from:])
	}
}

// unquote reads a word: a token as it is, or a quoted string.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i < len(s)-2 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// word writes a name as a token where it is one, else as a quoted string.
func word(s string) string {
	token := s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", c))
	})
	if token {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
