//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// attack is something that a client without credentials does, again and again.
type attack struct {
	name    string
	clients int
	do      func(ctx context.Context, host string, client *http.Client) error
}

func attacks(c call) []attack {
	verification := c.Path
	return []attack{
		{"large texts", 24, posts(verification, `{"number":"`+strings.Repeat("1", 15<<20)+`"}`)},
		{"elements", 24, posts(verification, `{"number":"1","x":[`+strings.Repeat("[],", 5_000_000)+`[]]}`)},
		{"few elements", 16, posts(verification, `{"number":"1","x":[`+strings.Repeat(`{"a":[1]},`, 12_000)+`1]}`)},
		{"members", 16, posts(verification, `{"number":"1"`+strings.Repeat(`,"a":1`, 2_000_000)+`}`)},
		{"depth", 16, posts(verification, strings.Repeat("[", 15<<20))},
		{"journalled", 32, posts(verification, `{"number":"`+strings.Repeat("7", 60<<10)+`"}`)},
		{"accounts", 32, posts(verification, `{"number":"12345678901"}`)},
		{"long keys", 16, postsAs(strings.Repeat("k", 30_000), verification, `{"number":"12345678901"}`)},
		{"unknown paths", 8, posts("/"+strings.Repeat("x/", 8000), `{}`)},
		{"slow headers", 300, holds("POST " + verification + " HTTP/1.1\r\nHost: idmock\r\nX-A: ")},
		{"slow bodies", 200, holds("POST " + verification + " HTTP/1.1\r\nHost: idmock\r\nX-Api-Key: slow\r\nContent-Type: application/json\r\nContent-Length: 16000000\r\n\r\n" +
			strings.Repeat(" ", 1<<20))},
		{"headers", 32, holds("POST " + verification + " HTTP/1.1\r\nHost: idmock\r\n" + strings.Repeat("X-A: "+strings.Repeat("b", 200)+"\r\n", 140) + "\r\n")},
		{"pipelined", 100, holds(strings.Repeat("GET "+c.Unknown+" HTTP/1.1\r\nHost: idmock\r\nX-Api-Key: pipelined\r\n\r\n", 20_000))},
		{"websockets", 50, holds("GET /_idmock/v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")},
		{"guesses", 8, posts("/_idmock/v1/login", `{"token":"`+strings.Repeat("a", 1<<20)+`"}`)},
	}
}

// posts sends a body with another key each time.
func posts(path, body string) func(context.Context, string, *http.Client) error {
	return postsAs("hostile-", path, body)
}

// postsAs is posts with keys that begin with a text.
func postsAs(key, path, body string) func(context.Context, string, *http.Client) error {
	return func(ctx context.Context, host string, client *http.Client) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+path, io.MultiReader(strings.NewReader(body)))
		if err != nil {
			return err
		}
		if rand.N(2) == 0 {
			request.ContentLength = int64(len(body))
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Api-Key", fmt.Sprint(key, rand.Uint64()))
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, response.Body)
		return errors.Join(err, response.Body.Close())
	}
}

// holds writes something and then neither reads nor writes for a while.
func holds(text string) func(context.Context, string, *http.Client) error {
	return func(ctx context.Context, host string, _ *http.Client) error {
		c, err := net.DialTimeout("tcp", host, 5*time.Second)
		if err != nil {
			return err
		}
		defer c.Close() //nolint:errcheck // nothing was promised
		_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second))
		_, err = io.Copy(c, bytes.NewReader([]byte(text)))
		select {
		case <-ctx.Done():
		case <-time.After(time.Second + rand.N(10*time.Second)):
		}
		return err
	}
}

// hostile attacks a server whose control API has a token, and then expects it to respond, small as it was.
func (s *soak) hostile() (string, error) {
	p, err := s.serve("--addr", "127.0.0.1:0", "--control-token", "a-token-of-the-operator")
	if err != nil {
		return "", err
	}
	host := strings.TrimPrefix(p.URL, "http://")
	ctx, cancel := context.WithTimeout(context.Background(), s.length)
	defer cancel()
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	done := make([]int, len(attacks(s.call)))
	var counting sync.Mutex
	for i, a := range attacks(s.call) {
		for range a.clients {
			all.Go(func() {
				for ctx.Err() == nil {
					if a.do(ctx, host, client) != nil {
						time.Sleep(10 * time.Millisecond) // refused or cut off, as it should be
					}
					counting.Lock()
					done[i]++
					counting.Unlock()
				}
			})
		}
	}
	all.Wait()
	most, err := p.Memory("VmHWM")
	if err != nil {
		return "", fmt.Errorf("the server ended: %w: %.2000s", err, p.stderr.text())
	}
	var counts []string
	for i, a := range attacks(s.call) {
		counts = append(counts, fmt.Sprintf("%s %d", a.name, done[i]))
	}
	began := time.Now()
	_, err = s.call.make(newClient(), p.URL, "honest")
	figures := fmt.Sprintf("%.0f MB at most, then a call in %d ms; %s", most, time.Since(began).Milliseconds(), strings.Join(counts, ", "))
	if most > maxMemory {
		err = errors.Join(err, fmt.Errorf("more than %d MB", maxMemory))
	}
	return figures, err
}
