package viewertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// Console records the messages of a tab's console, exceptions and browser errors included.
type Console struct {
	ended chan struct{}

	mu       sync.Mutex
	messages []chromedp.ConsoleMessage
	more     chan struct{} // closed by the next message
	checked  int           // messages before the end of the last load
	fences   int
}

// networkChanged is Chromium's error for requests in flight when a network interface changes, which a starting container causes.
const (
	networkChanged = "net::ERR_NETWORK_CHANGED"
	failedLoad     = "Failed to load resource: " + networkChanged
)

// loads limits how often a page is loaded that changes of the network interrupt.
const loads = 10

// Listen creates the tab of a context and records its console until the context ends.
func Listen(ctx context.Context) *Console {
	c := &Console{ended: make(chan struct{}), more: make(chan struct{})}
	messages := chromedp.Console(ctx)
	go func() {
		defer close(c.ended)
		for m, err := range messages {
			if err != nil {
				return
			}
			c.add(m)
		}
	}()
	return c
}

func (c *Console) add(m chromedp.ConsoleMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = append(c.messages, m)
	close(c.more)
	c.more = make(chan struct{})
}

// Ended returns once all messages of a closed tab are recorded.
func (c *Console) Ended() { <-c.ended }

// Problems returns the exceptions, errors and warnings, except those of requests that a change of the network interrupted.
func (c *Console) Problems() (problems []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.messages {
		bad := m.IsException() || m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning
		if bad && !strings.Contains(m.Text, networkChanged) {
			problems = append(problems, m.String())
		}
	}
	return problems
}

// Said returns the messages that contain a text.
func (c *Console) Said(text string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since(0, text)
}

func (c *Console) since(first int, text string) (said []string) {
	for _, m := range c.messages[first:] {
		if strings.Contains(m.Text, text) {
			said = append(said, m.String())
		}
	}
	return said
}

// Hear waits until a message contains a text, and returns the number of such messages.
func (c *Console) Hear(ctx context.Context, text string) (int, error) { return c.hear(ctx, 0, text) }

func (c *Console) hear(ctx context.Context, first int, text string) (int, error) {
	for {
		c.mu.Lock()
		more, n := c.more, len(c.since(first, text))
		c.mu.Unlock()
		if n > 0 {
			return n, nil
		}
		select {
		case <-more:
		case <-c.ended:
			return 0, fmt.Errorf("the console never said %q", text)
		case <-ctx.Done():
			return 0, fmt.Errorf("the console never said %q", text)
		}
	}
}

// Forget drops all messages.
func (c *Console) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages, c.checked = nil, 0
}

// Load runs an action that loads a page. It repeats the action while a change of the network interrupts the page or one of its
// resources, since the page cannot load its own scripts again.
func (c *Console) Load(ctx context.Context, action chromedp.Action[chromedp.Void]) error {
	for range loads {
		c.mu.Lock()
		c.checked = len(c.messages)
		c.mu.Unlock()
		interrupted, err := c.loaded(ctx, action)
		if !interrupted {
			return err
		}
	}
	return fmt.Errorf("%d times in a row: %s", loads, networkChanged)
}

// LoadUntil is [Console.Load] for pages that load more later: it repeats the action also while a change of the network interrupts
// what a second action waits for.
func (c *Console) LoadUntil(ctx context.Context, action, wait chromedp.Action[chromedp.Void]) error {
	for range loads {
		if err := c.Load(ctx, action); err != nil {
			return err
		}
		waiting, stop := context.WithCancel(ctx)
		interrupted := make(chan bool)
		go func() {
			_, err := c.hear(waiting, c.checked, failedLoad)
			stop()
			interrupted <- err == nil
		}()
		err := chromedp.Do(waiting, wait)
		stop()
		if !<-interrupted || err == nil {
			return err
		}
	}
	return fmt.Errorf("%d times in a row: %s", loads, networkChanged)
}

// loaded runs an action and reports whether a change of the network interrupted something before its end.
func (c *Console) loaded(ctx context.Context, action chromedp.Action[chromedp.Void]) (interrupted bool, err error) {
	err = chromedp.Do(ctx, action)
	var failed *chromedp.LoadError
	if errors.As(err, &failed) && failed.ErrorText == networkChanged {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	// A message of its own follows those of the load.
	c.mu.Lock()
	c.fences++
	fence := fmt.Sprintf("viewertest: loaded %d", c.fences)
	c.mu.Unlock()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](fmt.Sprintf("console.debug(%q)", fence))); err != nil {
		return false, err
	}
	if _, err := c.Hear(ctx, fence); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	said := c.since(c.checked, failedLoad)
	c.checked = len(c.messages)
	return len(said) > 0, nil
}
