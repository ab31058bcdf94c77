// Package evidence observes the application behind a receiver: its own view of a person, through a probe, and its
// requests to the provider's API, which the package serves meanwhile. A response alone proves little: a receiver can
// respond 401 and still open an account.
//
// Does not belong here: requests (packages mutate and wire), and verdicts on the observations (package receiver).
package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// Hook reaches into the application: a URL that is requested, or a command that the shell runs. {subject} and
// {reference} are replaced in either; a command also gets them as SUBJECT and REFERENCE in its environment.
type Hook struct {
	URL, Command string

	Client  *http.Client  // nil: the default client
	Timeout time.Duration // 0: 10 s
}

// ParseHook returns a hook with a URL if the text looks like one, else with a command.
func ParseHook(s string) Hook {
	if strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
		return Hook{URL: s}
	}
	return Hook{Command: s}
}

const hookTimeout = 10 * time.Second

// ErrUnknownSubject is the error of a hook of an application that does not know the subject (404).
var ErrUnknownSubject = errors.New("unknown subject")

// IsSet reports whether there is a URL or a command.
func (h Hook) IsSet() bool { return h.URL != "" || h.Command != "" }

var placeholder = regexp.MustCompile(`\{\w+\}`)

// Check reports an invalid URL. A URL about a subject must name it; a command can take it from its environment.
func (h Hook) Check(aboutSubject bool) error {
	if h.URL == "" {
		return nil
	}
	u, err := url.Parse(placeholder.ReplaceAllString(h.URL, "x"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("invalid URL %q: use one such as http://127.0.0.1:3000/subjects/{subject}", h.URL)
	}
	names := placeholder.FindAllString(h.URL, -1)
	for _, name := range names {
		if name != "{subject}" && name != "{reference}" {
			return fmt.Errorf("%s: unknown placeholder %s: use {subject}, the person, or {reference}, the provider's name for the run", h.URL, name)
		}
	}
	if aboutSubject && len(names) == 0 {
		return fmt.Errorf("%s does not name the subject: insert {subject}, the person, or {reference}, the provider's name for the run", h.URL)
	}
	return nil
}

// Call runs the hook and returns its output, at most 1 MiB of a response. method is that of a request.
func (h Hook) Call(ctx context.Context, method string, s *profile.Subject) ([]byte, error) {
	timeout := h.Timeout
	if timeout == 0 {
		timeout = hookTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if h.URL != "" {
		return h.request(ctx, method, s)
	}
	return h.run(ctx, s)
}

func (h Hook) request(ctx context.Context, method string, s *profile.Subject) ([]byte, error) {
	fill := strings.NewReplacer("{subject}", url.PathEscape(s.Name), "{reference}", url.PathEscape(s.Reference))
	req, err := http.NewRequestWithContext(ctx, method, fill.Replace(h.URL), nil)
	if err != nil {
		return nil, err
	}
	client := h.Client
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
		return nil, ErrUnknownSubject
	case resp.StatusCode >= 300:
		return nil, fmt.Errorf("%s responds %s", req.URL, resp.Status)
	}
	return body, nil
}

func (h Hook) run(ctx context.Context, s *profile.Subject) ([]byte, error) {
	fill := strings.NewReplacer("{subject}", s.Name, "{reference}", s.Reference)
	cmd := exec.CommandContext(ctx, "sh", "-c", fill.Replace(h.Command))
	cmd.Env = append(cmd.Environ(), "SUBJECT="+s.Name, "REFERENCE="+s.Reference)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		if reason := wire.FirstLine(stderr.String()); reason != "" {
			err = fmt.Errorf("%w: %s", err, reason)
		}
		return nil, fmt.Errorf("%s: %w", h.Command, err)
	}
	return stdout.Bytes(), nil
}
