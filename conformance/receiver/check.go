package receiver

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/conformance"
)

// Check is a requirement on a receiver, with what is sent and what is wanted.
type Check struct {
	conformance.Check `yaml:",inline"`
	// Levels replaces the level for receivers of a signature scheme, or of a provider with a kind of handshake.
	Levels map[string]conformance.Level `yaml:"levels"`
	// Needs are what the profile must have, or else the check does not apply: see needs.go. "role NAME" is a role.
	Needs []string `yaml:"needs"`
	// Cause is what is most likely wrong where the check fails.
	Cause string `yaml:"cause"`
	// Secret is one beside the present one that the check needs: next, other or old.
	Secret string `yaml:"secret"`
	// Slow checks wait for something, and begin first.
	Slow bool `yaml:"slow"`
	// Alone checks are hard on the receiver: nothing else is sent meanwhile.
	Alone bool `yaml:"alone"`
	// Last checks come when all others are done: they look back at them, or disturb what the receiver keeps.
	Last  bool   `yaml:"last"`
	Steps []Step `yaml:"steps"`
}

// Step is one thing that is done, or looked at. Exactly one of its verbs is set.
type Step struct {
	Send *Shot `yaml:"send"` // put an event on the wire
	Want words `yaml:"want"` // of the reply: accept, a status (405), a class (4xx), closed

	// The reply beyond its status.
	Header string `yaml:"header"` // it has this header
	P95    string `yaml:"p95"`    // of 20 replies 19 come within this time
	Clean  bool   `yaml:"clean"`  // it repeats nothing of what was sent and no secret, and no trace of a program
	Same   bool   `yaml:"same"`   // all variants get the same verdict
	Small  bool   `yaml:"small"`  // it has at most 20 kB
	Allow  bool   `yaml:"allow"`  // a 405 says in Allow which methods may be used
	Retry  bool   `yaml:"retry"`  // sent again until it is accepted, as a provider does

	// What the application thinks of a subject, which needs evidence.
	State   string `yaml:"state"`   // granted: it becomes so. withdrawn: it becomes not so. withheld, kept: it stays not so, so
	Effects *int   `yaml:"effects"` // how often something was done for the subject
	Text    string `yaml:"text"`    // what stands in the profile's text as the application has it
	Called  bool   `yaml:"called"`  // the application asked the API about the subject
	Of      string `yaml:"of"`      // the subject: a, which is the default, or b

	// Of more requests than one, and of other ones than events.
	Timing bool   `yaml:"timing"` // a signature that is wrong at its end is refused no later than one that is wrong at its beginning
	Shake  string `yaml:"shake"`  // what the provider asks before it sends: see handshake.go

	// Else is why nothing can be told where this step is not as wanted: what follows stands on it.
	Else string `yaml:"else"`

	// What happens around it.
	API    string `yaml:"api"`    // how the API answers about the subject: down, held, up, or a role whose state it tells
	Begin  bool   `yaml:"begin"`  // let the application begin a verification; its call is answered only at End
	End    bool   `yaml:"end"`    // answer that call
	Pause  string `yaml:"pause"`  // wait so long
	Reuse  string `yaml:"reuse"`  // close the connections of this name
	TLS    string `yaml:"tls"`    // shake hands: chain, as a careful provider does, or old, with nothing newer than TLS 1.1
	Canary bool   `yaml:"canary"` // a valid event about somebody else is accepted in time

	Storm     *Storm `yaml:"storm"`     // let a queue of events go
	Throttled bool   `yaml:"throttled"` // whatever was put off in this run was put off with a Retry-After that can be read
	Restart   bool   `yaml:"restart"`   // restart the application, and wait until it can be reached
}

// Shot is an event as it is put on the wire. A list in one of the fields that take one makes as many shots.
type Shot struct {
	Role    words  `yaml:"role"`    // approved is the default
	Subject string `yaml:"subject"` // a, which is the default, or b
	ID      string `yaml:"id"`      // shots of one id are attempts of one event; without, each is an event of its own
	// Replay sends the very bytes of the last shot of this id once more.
	Replay   bool   `yaml:"replay"`
	Happened string `yaml:"happened"` // when it happened, against the beginning of the check: -1h; without, now
	Sent     string `yaml:"sent"`     // when it says that it was sent, against now: -301s

	// Reference is the subject whose run it names instead of its own subject's.
	Reference string `yaml:"reference"`

	// HeadOf sends the head of the last shot of this id before another body: what was signed there stands there.
	HeadOf string `yaml:"head_of"`

	Body   words `yaml:"body"`   // changes the body before it is signed: see bodies.go
	Sign   words `yaml:"sign"`   // how it is signed: see signatures.go
	Tamper words `yaml:"tamper"` // changes it after it was signed: see signatures.go

	Method   words  `yaml:"method"`
	Type     words  `yaml:"type"`     // the Content-Type; none leaves it out
	Headers  words  `yaml:"headers"`  // changes the headers: see headers.go
	Query    string `yaml:"query"`    // is added to the URL
	Path     words  `yaml:"path"`     // slash: with or without the slash at the URL's end
	Wire     words  `yaml:"wire"`     // how it is written: see wire.go
	Conn     string `yaml:"conn"`     // shots of one name go over one connection
	Copies   int    `yaml:"copies"`   // so many of them
	Distinct bool   `yaml:"distinct"` // each of the copies is an event of its own
	Together bool   `yaml:"together"` // all copies at once
	Beside   bool   `yaml:"beside"`   // what follows does not wait for it
	Over     string `yaml:"over"`     // the way there: see ways.go
	Digits   bool   `yaml:"digits"`   // its id is a number that no float holds; those of one check round to the same
}

// words are one word or several.
type words []string

// UnmarshalYAML takes a scalar for a list of one.
func (w *words) UnmarshalYAML(n ast.Node) error {
	if list, ok := n.(*ast.SequenceNode); ok {
		for _, item := range list.Values {
			*w = append(*w, scalar(item))
		}
		return nil
	}
	*w = words{scalar(n)}
	return nil
}

func scalar(n ast.Node) string {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	return n.GetToken().Value
}

//go:embed checks
var tables embed.FS

// Checks lists every check, in the order of the groups.
func Checks() ([]*Check, error) { return checks() }

var checks = sync.OnceValues(func() ([]*Check, error) { return conformance.ReadTables[Check](tables) })

// Validate checks the fields that only this kind of check has.
func (c *Check) Validate() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(c.Cause) == "" {
		bad("it has no cause")
	}
	if len(c.Steps) == 0 {
		bad("it has no steps")
	}
	if c.Secret != "" && moreSecrets[c.Secret] == "" {
		bad("nothing is known of the secret %q", c.Secret)
	}
	for i, s := range c.Steps {
		if _, ok := handshakes[s.Shake]; s.Shake != "" && !ok {
			bad("step %d: handshake %q is not known", i+1, s.Shake)
		}
	}
	for _, need := range c.Needs {
		role, ok := strings.CutPrefix(need, "role ")
		if ok && !slices.Contains(roleNames(), role) || !ok && needs[need] == nil {
			bad("nothing is known of the need %q", need)
		}
	}
	for i, s := range c.Steps {
		if s.Storm != nil {
			if err := s.Storm.check(); err != nil {
				bad("step %d: %w", i+1, err)
			}
		}
		if s.Send == nil {
			continue
		}
		if err := s.Send.check(); err != nil {
			bad("step %d: %w", i+1, err)
		}
		if len(s.Want) == 0 {
			bad("step %d wants nothing of the reply", i+1)
		}
	}
	return errors.Join(problems...)
}

func (s *Shot) check() error {
	var problems []error
	each := func(what string, given words, known func(string) bool) {
		for _, word := range given {
			if !known(word) {
				problems = append(problems, fmt.Errorf("%s %q is not known", what, word))
			}
		}
	}
	each("role", s.Role, func(w string) bool { return slices.Contains(roleNames(), w) })
	each("body", s.Body, func(w string) bool { return bodies[w] != nil })
	each("sign", s.Sign, func(w string) bool { return signs[w] != nil })
	each("tamper", s.Tamper, func(w string) bool { return tampers[w] != nil })
	each("headers", s.Headers, func(w string) bool { return headerChanges[w] != nil })
	each("wire", s.Wire, func(w string) bool { return wires[w] != nil })
	each("way", words{s.Over}, func(w string) bool { return w == "" || ways[w] != nil })
	return errors.Join(problems...)
}

// variants are the shots that a shot stands for.
func (s *Shot) variants() []*variant {
	all := []*variant{{Shot: s, role: "approved", method: "", contentType: "", copies: max(s.Copies, 1)}}
	multiply := func(values words, set func(*variant, string)) {
		if len(values) == 0 {
			return
		}
		var more []*variant
		for _, v := range all {
			for _, value := range values {
				one := *v
				set(&one, value)
				if len(values) > 1 {
					one.note = strings.TrimPrefix(one.note+", "+value, ", ")
				}
				more = append(more, &one)
			}
		}
		all = more
	}
	multiply(s.Role, func(v *variant, w string) { v.role = w })
	multiply(s.Body, func(v *variant, w string) { v.body = w })
	multiply(s.Sign, func(v *variant, w string) { v.sign = w })
	multiply(s.Tamper, func(v *variant, w string) { v.tamper = w })
	multiply(s.Method, func(v *variant, w string) { v.method = w })
	multiply(s.Type, func(v *variant, w string) { v.contentType = w })
	multiply(s.Headers, func(v *variant, w string) { v.headers = w })
	multiply(s.Path, func(v *variant, w string) { v.path = w })
	multiply(s.Wire, func(v *variant, w string) { v.wire = w })
	return all
}

// variant is a shot with one word in each field.
type variant struct {
	*Shot
	note                                                               string // the words that tell it from the other variants
	role, body, sign, tamper, method, contentType, headers, path, wire string
	copies                                                             int
	began                                                              time.Time // by which Happened is told; zero: now
}
