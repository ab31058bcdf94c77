//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// target is the server that traffic goes to. It changes with restarts, and may be one of several.
type target struct{ urls atomic.Pointer[[]string] }

func (t *target) set(urls ...string) { t.urls.Store(&urls) }

func (t *target) servers() int { return len(*t.urls.Load()) }

func (t *target) url(n int) string {
	urls := *t.urls.Load()
	return urls[n%len(urls)]
}

// caller makes the calls of one account, one after the other.
type caller struct {
	*ledger
	client *http.Client
	target *target
	what   call
	pause  time.Duration // between calls, at least
	behind int           // deliveries that may be missing before the next call; 0: any number
}

func newClient() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}}
}

// run calls until ctx ends, or most times if that is not 0.
func (c caller) run(ctx context.Context, most int) error {
	for n := 0; ctx.Err() == nil && (most == 0 || n < most); n++ {
		if err := c.call(ctx, n); err != nil {
			return err
		}
		pause := max(c.behave.pause, c.pause)
		for pause > 0 || c.behind > 0 && c.short() > c.behind {
			select {
			case <-time.After(max(pause, 5*time.Millisecond)):
			case <-ctx.Done():
				return nil
			}
			pause = 0
		}
	}
	return nil
}

// call makes one call. A server that cannot be reached or is unavailable is tried again: it is being restarted.
func (c caller) call(ctx context.Context, n int) error {
	lost := 0
	for try := 0; ; try++ {
		if try == c.target.servers() {
			c.refused.Add(1)
		}
		reference, err := c.what.make(c.client, c.target.url(n+try), c.name)
		switch {
		case err == nil:
			c.mu.Lock()
			c.wanted = append(c.wanted, reference)
			c.mu.Unlock()
			return nil
		case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, errBusy):
		case lost < 200: // the response was lost
			lost++
			c.lost.Add(1)
		default:
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if ctx.Err() != nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
}

var errBusy = errors.New("unavailable")

// make makes a call of an account and returns the reference of its run.
func (c call) make(client *http.Client, url, account string) (string, error) {
	request, err := http.NewRequest(http.MethodPost, url+c.Path, strings.NewReader(c.Body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", account)
	request.Header.Set("X-Idmock-Scenario", c.Scenario)
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	var result struct {
		Verification struct {
			Reference string `json:"reference"`
		} `json:"verification"`
	}
	if response.StatusCode == http.StatusServiceUnavailable {
		return "", errBusy
	}
	if err := json.Unmarshal(body, &result); response.StatusCode != http.StatusOK || err != nil || result.Verification.Reference == "" {
		return "", fmt.Errorf("%s %.300s", response.Status, body)
	}
	return result.Verification.Reference, nil
}

// open opens accounts with receivers, in turns of each behaviour.
func (s *soak) open(p *process, r *receivers, accounts int, all []behaviour) ([]*ledger, error) {
	var ledgers []*ledger
	for i := range accounts {
		b := all[i%len(all)]
		l := &ledger{name: fmt.Sprintf("%s-%d", b.name, i), behave: b}
		url := r.add(l)
		if _, err := p.Control("POST", "/endpoints?account="+l.name, s.endpoint(url)); err != nil {
			return nil, err
		}
		if b.fault != "" {
			if _, err := p.Control("POST", "/faults?account="+l.name, b.fault); err != nil {
				return nil, err
			}
		}
		ledgers = append(ledgers, l)
	}
	return ledgers, nil
}

// endpoint is the request that registers a URL for webhooks.
func (s *soak) endpoint(url string) string {
	return fmt.Sprintf(`{"provider":%q,"url":%q}`, s.call.Provider, url)
}

// maxBehind is how many deliveries of an account may be missing before its next call: a machine that is slower than the callers
// would otherwise end with a queue that looks like losses.
const maxBehind = 100

// drive calls for all accounts until ctx ends, or most times each.
func (s *soak) drive(ctx context.Context, t *target, all []*ledger, most int) error {
	client := newClient()
	defer client.CloseIdleConnections()
	failures := make(chan error, len(all))
	var running sync.WaitGroup
	var pause time.Duration
	if s.rate > 0 {
		pause = time.Duration(len(all)) * time.Second / time.Duration(s.rate)
	}
	for _, l := range all {
		running.Go(func() { failures <- caller{l, client, t, s.call, pause, maxBehind}.run(ctx, most) })
	}
	running.Wait()
	close(failures)
	var err error
	for one := range failures {
		err = errors.Join(err, one)
	}
	return err
}

// settle waits until every delivery arrived, or none did for a while: what a slow machine has not sent yet is not lost.
func settle(all []*ledger, within time.Duration) {
	least := math.MaxInt
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		missing := 0
		for _, l := range all {
			missing += l.judge().missing
		}
		if missing < least {
			least, deadline = missing, time.Now().Add(within)
		}
		if missing == 0 {
			time.Sleep(300 * time.Millisecond) // for what should not come
			return
		}
	}
}
