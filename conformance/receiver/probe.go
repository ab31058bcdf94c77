package receiver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Hook is a way to reach into the application: a URL that is called, or a command that is run by the shell. {subject}
// and {reference} are replaced in either; a command also finds them in its environment, as SUBJECT and REFERENCE.
type Hook struct {
	URL, Command string

	client   *http.Client  // nil: the usual one
	patience time.Duration // 0: hookPatience
}

// IsSet reports whether there is one.
func (h Hook) IsSet() bool { return h.URL != "" || h.Command != "" }

// placeholder is what a hook may have filled in.
var placeholder = regexp.MustCompile(`\{\w+\}`)

// check finds mistakes in it. A URL about somebody says about whom; a command may find that in its environment.
func (h Hook) check(whose bool) error {
	if h.URL == "" {
		return nil
	}
	u, err := url.Parse(placeholder.ReplaceAllString(h.URL, "x"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q is no URL: want one such as http://127.0.0.1:3000/subjects/{subject}", h.URL)
	}
	names := placeholder.FindAllString(h.URL, -1)
	for _, name := range names {
		if name != "{subject}" && name != "{reference}" {
			return fmt.Errorf("%s: nothing is known of %s: want {subject}, the person, or {reference}, the provider's name for the run", h.URL, name)
		}
	}
	if whose && len(names) == 0 {
		return fmt.Errorf("%s does not say about whom: put {subject}, the person, or {reference}, the provider's name for the run, where that belongs", h.URL)
	}
	return nil
}

// How long a hook may take, and one that restarts the application, which may have to finish what it does before.
const (
	hookPatience    = 10 * time.Second
	restartPatience = time.Minute
)

// errUnknown says that the application knows nobody of that name.
var errUnknown = errors.New("the application knows nothing of the subject")

// call calls the hook and returns what it says.
func (h Hook) call(ctx context.Context, method string, s *subject) ([]byte, error) {
	patience := h.patience
	if patience == 0 {
		patience = hookPatience
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if h.URL != "" {
		fill := strings.NewReplacer("{subject}", url.PathEscape(s.name), "{reference}", url.PathEscape(s.reference))
		req, err := http.NewRequestWithContext(ctx, method, fill.Replace(h.URL), nil)
		if err != nil {
			return nil, err
		}
		client := h.client
		if client == nil {
			client = http.DefaultClient
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		switch {
		case err != nil:
			return nil, err
		case resp.StatusCode == http.StatusNotFound:
			return nil, errUnknown
		case resp.StatusCode >= 300:
			return nil, fmt.Errorf("%s answers %s", req.URL, resp.Status)
		}
		return body, nil
	}
	fill := strings.NewReplacer("{subject}", s.name, "{reference}", s.reference)
	cmd := exec.CommandContext(ctx, "sh", "-c", fill.Replace(h.Command))
	cmd.Env = append(cmd.Environ(), "SUBJECT="+s.name, "REFERENCE="+s.reference)
	var said, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &wrong
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		if why := firstLine(wrong.String()); why != "" {
			err = fmt.Errorf("%w: %s", err, why)
		}
		return nil, fmt.Errorf("%s: %w", h.Command, err)
	}
	return said.Bytes(), nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// Probe tells the application's own view of a subject.
type Probe struct {
	Hook
	// Value, Effects and Text are JSONPaths into what the probe says: the state of the subject, how often something was
	// done for it, and the text that was told of it. A probe that says one plain word says the state.
	Value, Effects, Text string
	// Granted are the states that give the subject what only a verified person may have. Case does not matter.
	Granted []string
}

// view is what the application thinks of a subject.
type view struct {
	value   string
	granted bool
	effects int
	text    string
	counted bool // effects is known
	told    bool // text is known
}

// look asks the application for its view.
func (p Probe) look(ctx context.Context, s *subject) (view, error) {
	said, err := p.call(ctx, http.MethodGet, s)
	if errors.Is(err, errUnknown) || err == nil && len(bytes.TrimSpace(said)) == 0 {
		return view{value: "unknown", counted: p.Effects != "", told: p.Text != ""}, nil
	}
	if err != nil {
		return view{}, fmt.Errorf("the probe failed: %w", err)
	}
	var doc any
	if err := json.Unmarshal(said, &doc); err != nil {
		doc = firstLine(string(said))
	}
	v := view{}
	value := doc
	if _, plain := doc.(string); !plain {
		if value, err = find(doc, p.Value); err != nil {
			return view{}, fmt.Errorf("the probe says no state: %w", err)
		}
	}
	v.value = plain(value)
	for _, word := range p.Granted {
		v.granted = v.granted || strings.EqualFold(word, v.value)
	}
	if p.Effects != "" {
		if n, err := find(doc, p.Effects); err == nil {
			switch n := n.(type) {
			case float64:
				v.effects, v.counted = int(n), true
			case []any:
				v.effects, v.counted = len(n), true
			}
		}
	}
	if p.Text != "" {
		if text, err := find(doc, p.Text); err == nil {
			v.text, v.told = plain(text), true
		}
	}
	return v, nil
}

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return "null"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// steps are those of a JSONPath of the simple kind: $, then .name, ['name'] or [number].
func steps(path string) ([]string, error) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, fmt.Errorf("JSONPath %q does not begin with $", path)
	}
	var all []string
	for rest != "" {
		var step string
		switch {
		case strings.HasPrefix(rest, "['") && strings.Contains(rest, "']"):
			step, rest, _ = strings.Cut(rest[2:], "']")
		case strings.HasPrefix(rest, "[") && strings.Contains(rest, "]"):
			step, rest, _ = strings.Cut(rest[1:], "]")
		case strings.HasPrefix(rest, "."):
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			step, rest = rest[1:end+1], rest[end+1:]
		default:
			return nil, fmt.Errorf("JSONPath %q: want .name, ['name'] or [number] at %q", path, rest)
		}
		all = append(all, step)
	}
	return all, nil
}

// find follows a JSONPath.
func find(doc any, path string) (any, error) {
	all, err := steps(path)
	if err != nil {
		return nil, err
	}
	at := doc
	for _, step := range all {
		switch here := at.(type) {
		case map[string]any:
			var ok bool
			if at, ok = here[step]; !ok {
				return nil, fmt.Errorf("there is nothing at %s: no member is called %q", path, step)
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err == nil && i < 0 {
				i += len(here)
			}
			if err != nil || i < 0 || i >= len(here) {
				return nil, fmt.Errorf("there is nothing at %s: the list of %d has no item %s", path, len(here), step)
			}
			at = here[i]
		default:
			return nil, fmt.Errorf("there is nothing at %s: %q would stand in a plain value", path, step)
		}
	}
	return at, nil
}
