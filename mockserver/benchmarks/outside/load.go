//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// request is the call that is measured.
type request struct{ Provider, Path, Body string }

// readCall reads the call that is measured.
func (b *bench) readCall() error {
	text, err := os.ReadFile(testdata + "call.json")
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &b.request)
}

const testdata = "mockserver/benchmarks/outside/testdata/"

// round is one round of load.
type round struct {
	calls int
	rate  float64       // calls a second
	p99   time.Duration // of the latency
	cpu   time.Duration // of the server, per call
}

var (
	wrkRate  = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkP99   = regexp.MustCompile(`99%\s+([\d.]+)(us|ms|s)`)
	wrkTotal = regexp.MustCompile(`(\d+) requests in`)
)

// wrk drives a server for a time. It fails for a response that is not 2xx and for socket errors.
func (p *process) wrk(connections int, length time.Duration, env ...string) (round, error) {
	before, err := p.CPU()
	if err != nil {
		return round{}, err
	}
	command := exec.Command("wrk", "-t", "2", "-c", strconv.Itoa(connections), "-d", fmt.Sprintf("%ds", max(1, int(length.Seconds()))),
		"--latency", "-s", testdata+"call.lua", p.URL)
	command.Env = append(append(os.Environ(), "CALL_PATH="+p.bench.request.Path), env...)
	out, err := command.CombinedOutput()
	text := string(out)
	if err == nil && (strings.Contains(text, "Non-2xx") || strings.Contains(text, "Socket errors")) {
		err = errors.New("some calls failed")
	}
	if err != nil {
		return round{}, fmt.Errorf("wrk: %w\n%s", err, text)
	}
	after, err := p.CPU()
	if err != nil {
		return round{}, err
	}
	p99, rate, total := wrkP99.FindStringSubmatch(text), wrkRate.FindStringSubmatch(text), wrkTotal.FindStringSubmatch(text)
	if p99 == nil || rate == nil || total == nil {
		return round{}, fmt.Errorf("wrk printed no figures:\n%s", text)
	}
	var r round
	if r.p99, err = time.ParseDuration(p99[1] + p99[2]); err != nil {
		return r, err
	}
	if r.rate, err = strconv.ParseFloat(rate[1], 64); err != nil {
		return r, err
	}
	r.calls, err = strconv.Atoi(total[1])
	r.cpu = (after - before) / time.Duration(max(1, r.calls))
	return r, err
}

// drive sends calls until there were n.
func (p *process) drive(n int, env ...string) error {
	for done := 0; done < n; {
		r, err := p.wrk(16, 5*time.Second, env...)
		if err != nil {
			return err
		}
		done += r.calls
	}
	return nil
}

// send makes exactly n calls of one account, in parallel.
func (p *process) send(n int) error {
	const workers = 16
	client := tuned(workers)
	defer client.CloseIdleConnections()
	return parallel(workers, func(worker int) error {
		for i := worker; i < n; i += workers {
			if err := post(client, p.URL+p.bench.request.Path, []byte(p.bench.request.Body)); err != nil {
				return err
			}
		}
		return nil
	})
}

// tuned returns a client for many connections to one host.
func tuned(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
}

// post sends a request and reads the response.
func post(c *http.Client, url string, body []byte) error {
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", "bench")
	response, err := c.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // only read
	_, err = io.Copy(io.Discard, response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, response.Status)
	}
	return err
}

// parallel runs workers and returns the first error.
func parallel(workers int, work func(worker int) error) error {
	failures := make(chan error, workers)
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() { failures <- work(worker) })
	}
	all.Wait()
	for range workers {
		if err := <-failures; err != nil {
			return err
		}
	}
	return nil
}
