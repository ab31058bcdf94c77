package template

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/expr-lang/expr/vm/runtime"
)

// Limits of all expressions that are evaluated in one scope: one request, one step of a timeline, one webhook. They are far
// above the needs of a test, and keep a mistake from stopping the server. Steps are counted and not timed, so that the same
// expression ends the same way on a slow machine; the time is for single operations that take long.
const (
	maxSteps  = 1_000_000       // iterations of loops
	maxBytes  = 32 << 20        // bytes of texts and lists that expressions build
	maxTime   = 2 * time.Second // of one expression
	maxItems  = 250_000         // of the lists that the virtual machine builds for one expression
	maxOutput = 32 << 20        // bytes of a rendered tree
	maxNested = 32              // examples that quote examples
	clockMask = 1<<6 - 1        // the clock is read once in 64 steps
	maxDigits = 10_000          // of a generated text
	maxSearch = 20_000_000      // bytes of text times instructions of a regular expression
)

// ErrBudget reports an expression that takes too much time or memory.
var ErrBudget = errors.New("expression is too expensive")

// Spent counts the time and memory of a scope's expressions. It is safe for concurrent use; the zero value has spent nothing.
type Spent struct {
	steps, bytes, nested, until int64
}

// start begins the time of an expression.
func (s *Spent) start() {
	atomic.StoreInt64(&s.until, time.Now().Add(maxTime).UnixNano())
}

// step counts n iterations.
func (s *Spent) step(n int64) error {
	now := atomic.AddInt64(&s.steps, n)
	if now > maxSteps {
		return fmt.Errorf("%w: more than %d iterations", ErrBudget, maxSteps)
	}
	if (n > clockMask || now&clockMask == 0) && time.Now().UnixNano() > atomic.LoadInt64(&s.until) {
		return fmt.Errorf("%w: more than %v", ErrBudget, maxTime)
	}
	return nil
}

// grow counts n bytes, before they are allocated.
func (s *Spent) grow(n int) error {
	if n < 0 || atomic.AddInt64(&s.bytes, int64(min(n, maxBytes+1))) > maxBytes {
		return fmt.Errorf("%w: builds more than %d MiB", ErrBudget, maxBytes>>20)
	}
	return nil
}

// Enter counts an example that is quoted, until leave is called. The error reports examples that quote each other.
func (s *Scope) Enter() (leave func(), err error) {
	if atomic.AddInt64(&s.Spent.nested, 1) > maxNested {
		err = fmt.Errorf("%w: examples quote each other", ErrBudget)
	}
	return func() { atomic.AddInt64(&s.Spent.nested, -1) }, err
}

// sizeOf estimates the bytes of a value that an expression copies. deep includes the members of its members.
func sizeOf(v any, deep bool) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case Raw:
		return len(v)
	case []any:
		n := 16 * len(v)
		for i := 0; deep && i < len(v) && n <= maxBytes; i++ {
			n += sizeOf(v[i], deep)
		}
		return n
	case map[string]any:
		n := 48 * len(v)
		for key, item := range v {
			if n += len(key); deep && n <= maxBytes {
				n += sizeOf(item, deep)
			}
		}
		return n
	case map[string]string:
		n := 48 * len(v)
		for key, item := range v {
			n += len(key) + len(item)
		}
		return n
	case []int:
		return 16 * len(v)
	case []string:
		n := 16 * len(v)
		for _, item := range v {
			n += len(item)
		}
		return n
	}
	return 16
}

// concat joins texts.
func (s *Spent) concat(parts []any) (any, error) {
	n := 0
	for _, p := range parts {
		text, ok := p.(string)
		if !ok {
			return s.add(parts)
		}
		n += len(text)
	}
	if err := s.grow(n); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.Grow(n)
	for _, p := range parts {
		b.WriteString(p.(string))
	}
	return b.String(), nil
}

// add adds values of any type from left to right.
func (s *Spent) add(parts []any) (any, error) {
	sum := parts[0]
	for _, p := range parts[1:] {
		if text, ok := sum.(string); ok {
			if more, ok := p.(string); ok {
				if err := s.grow(len(text) + len(more)); err != nil {
					return nil, err
				}
			}
		}
		sum = runtime.Add(sum, p)
	}
	return sum, nil
}

func (s *Spent) replace(text, from, to string, times int) (any, error) {
	n := strings.Count(text, from)
	if times >= 0 {
		n = min(n, times)
	}
	if grown := len(to) - len(from); grown > 0 && n > maxBytes/grown {
		return nil, s.grow(maxBytes + 1)
	}
	if err := s.grow(len(text) + max(0, n*(len(to)-len(from)))); err != nil {
		return nil, err
	}
	return strings.Replace(text, from, to, times), nil
}

func (s *Spent) repeat(text string, times int) (any, error) {
	if times < 0 {
		return nil, fmt.Errorf("invalid argument for repeat (expected positive integer, got %d)", times)
	}
	if len(text) > 0 && times > maxBytes/len(text) {
		return nil, s.grow(maxBytes + 1)
	}
	if err := s.grow(len(text) * times); err != nil {
		return nil, err
	}
	return strings.Repeat(text, times), nil
}

// join is the function of expr-lang, within the budget.
func (s *Spent) join(list any, glue string) (any, error) {
	var texts []string
	switch list := list.(type) {
	case []string:
		texts = list
	case []any:
		texts = make([]string, len(list))
		for i, item := range list {
			text, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("invalid argument for join (expected string, got %T)", item)
			}
			texts[i] = text
		}
	default:
		return nil, fmt.Errorf("invalid argument for join (type %T)", list)
	}
	if len(glue) > 0 && len(texts) > maxBytes/len(glue) {
		return nil, s.grow(maxBytes + 1)
	}
	if err := s.grow(sizeOf(texts, true) + len(texts)*len(glue)); err != nil {
		return nil, err
	}
	return strings.Join(texts, glue), nil
}
