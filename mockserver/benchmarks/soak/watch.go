//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// watcher reads the ends of deliveries in the journal, and notes those that are exhausted in the ledgers of their receivers.
type watcher struct {
	receivers *receivers
	body      interface{ Close() error }
	reading   sync.WaitGroup
	ended     chan struct{}
	gaps      int // entries that were dropped before they were read
	failure   error
}

// watch follows the ends of all deliveries from now on.
func (p *process) watch(r *receivers) *watcher {
	w := &watcher{receivers: r, ended: make(chan struct{})}
	w.reading.Go(func() { // the metrics count what the journal still has
		for {
			select {
			case <-time.After(500 * time.Millisecond):
				_, _ = p.Control("GET", "/metrics", "") // counted by timeouts
			case <-w.ended:
				return
			}
		}
	})
	response, err := http.Get(p.URL + "/_idmock/v1/journal?kind=delivery,gap&format=ndjson&follow=true")
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.Join(errors.New("journal: "+response.Status), response.Body.Close())
	}
	if err != nil {
		w.failure = err
		return w
	}
	w.body = response.Body
	w.reading.Go(func() {
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			w.note(lines.Bytes())
		}
	})
	return w
}

func (w *watcher) note(line []byte) {
	ends := bytes.Contains(line, []byte(`"exhausted"`))
	if !ends && !bytes.Contains(line, []byte(`"gap"`)) { // of many, few are decoded
		return
	}
	var entry struct {
		Kind string `json:"kind"`
		Data struct {
			URL, Run, Outcome string
			Missed            int
		} `json:"data"`
	}
	if err := json.Unmarshal(line, &entry); err != nil {
		w.failure = fmt.Errorf("journal: %w", err)
		return
	}
	w.gaps += entry.Data.Missed
	to, err := url.Parse(entry.Data.URL)
	if err != nil || entry.Data.Outcome != "exhausted" {
		return
	}
	w.receivers.mu.Lock()
	l := w.receivers.ledgers[to.Path]
	w.receivers.mu.Unlock()
	if l != nil {
		l.mu.Lock()
		l.exhausted[entry.Data.Run] = true
		l.mu.Unlock()
	}
}

// stop ends the reading. The ledgers are complete then.
func (w *watcher) stop() {
	close(w.ended)
	if w.body != nil {
		_ = w.body.Close() // only read
	}
	w.reading.Wait()
}

// err is an error if deliveries are missing and it is not known how they ended.
func (w *watcher) err(v verdict) error {
	if v.missing > 0 && w.gaps > 0 {
		return fmt.Errorf("%d entries of the journal were not read: of the lost webhooks, some may be exhausted", w.gaps)
	}
	return w.failure
}

// timeouts returns how many attempts the server gave up waiting for, but for those of receivers that never respond.
func (p *process) timeouts(all []*ledger) (int, error) {
	text, err := p.Control("GET", "/metrics", "")
	if err != nil {
		return 0, err
	}
	n := 0
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte("idmock_attempts_total{")) || !bytes.Contains(line, []byte(`class="timeout"`)) {
			continue
		}
		fields := bytes.Fields(line)
		count, err := strconv.Atoi(string(fields[len(fields)-1]))
		if err != nil {
			return 0, err
		}
		n += count
	}
	for _, l := range all {
		if l.behave.name == "hanging" {
			l.mu.Lock()
			for _, tries := range l.tries {
				n -= tries
			}
			l.mu.Unlock()
		}
	}
	return n, nil
}
