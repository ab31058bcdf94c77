//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// deliver is a server with an account for webhooks, and a receiver.
type deliver struct{ server, receiver *process }

// deliverTo starts a server with endpoints at one receiver. Its journal keeps a whole round.
func (b *bench) deliverTo(endpoints int) (*deliver, error) {
	server, err := b.serve()
	if err != nil {
		return nil, err
	}
	receiver, err := b.serveBare()
	if err != nil {
		return nil, err
	}
	d := &deliver{server, receiver}
	for i := range endpoints {
		body := fmt.Sprintf(`{"provider":%q,"url":"%s/%d"}`, b.request.Provider, receiver.URL, i)
		if _, err := server.Control("POST", "/endpoints?account=bench", body); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// pend makes calls with the clock frozen, so that their webhooks stay pending.
func (d *deliver) pend(calls int) error {
	if _, err := d.server.Control("POST", "/clock?account=bench", `{"frozen":true,"rate":1}`); err != nil {
		return err
	}
	return d.server.send(calls)
}

// advance sends everything that is due within an hour, and returns how long that took.
func (d *deliver) advance() (time.Duration, error) {
	began := time.Now()
	_, err := d.server.Control("POST", "/clock/advance?account=bench", `{"by":"1h"}`)
	return time.Since(began), err
}

// body returns the body of a webhook, for a client to send the same.
func (d *deliver) body() ([]byte, error) {
	text, err := d.server.Control("GET", "/deliveries?account=bench&limit=1", "")
	if err != nil {
		return nil, err
	}
	var list struct {
		Deliveries []struct {
			Attempts []struct {
				Accepted bool `json:"accepted"`
				Request  struct {
					Body struct {
						Text string `json:"text"`
					} `json:"body"`
				} `json:"request"`
			} `json:"attempts"`
		} `json:"deliveries"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	if len(list.Deliveries) == 0 || len(list.Deliveries[0].Attempts) == 0 || !list.Deliveries[0].Attempts[0].Accepted {
		return nil, fmt.Errorf("no accepted delivery in %.300s", text)
	}
	return []byte(list.Deliveries[0].Attempts[0].Request.Body.Text), nil
}

// burst makes calls, then lets time pass so fast that all of their webhooks are due, and returns how long sending took.
func (d *deliver) burst(calls int) (time.Duration, error) {
	if err := d.pend(calls); err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := d.server.Control("POST", "/clock?account=bench", `{"frozen":false,"rate":1000000}`); err != nil {
		return 0, err
	}
	_, err := d.server.Control("POST", "/wait/idle?account=bench", `{"timeout":"1m"}`)
	return time.Since(began), err
}

// deliveries compares webhooks to many endpoints, each in order, with a tuned client that sends the same.
func (b *bench) deliveries() error {
	const endpoints, events = 64, 200
	d, err := b.deliverTo(endpoints)
	if err != nil {
		return err
	}
	client := tuned(endpoints)
	defer client.CloseIdleConnections()
	var share, rate []float64
	for i := range b.rounds + 1 {
		ours, err := d.burst(events)
		if err != nil {
			return err
		}
		body, err := d.body()
		if err != nil {
			return err
		}
		began := time.Now()
		if err := parallel(endpoints, func(worker int) error {
			for range events {
				if err := post(client, fmt.Sprintf("%s/%d", d.receiver.URL, worker), body); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if i > 0 { // the first is to warm up
			share = append(share, ratio(time.Since(began), ours))
			rate = append(rate, endpoints*events/ours.Seconds())
		}
	}
	b.report("webhooks to 64 endpoints, share of a tuned client's rate", "at least 0.60", share...)
	b.report("webhooks to 64 endpoints a second", "", rate...)
	return nil
}

// advance compares webhooks to one endpoint, in order, on one advance with the posts of a client.
func (b *bench) advance() error {
	const events = 10_000
	d, err := b.deliverTo(1)
	if err != nil {
		return err
	}
	client := tuned(1)
	defer client.CloseIdleConnections()
	var times []float64
	for range min(3, b.rounds) {
		if err := d.pend(events); err != nil {
			return err
		}
		ours, err := d.advance()
		if err != nil {
			return err
		}
		body, err := d.body()
		if err != nil {
			return err
		}
		began := time.Now()
		for range events {
			if err := post(client, d.receiver.URL, body); err != nil {
				return err
			}
		}
		times = append(times, ratio(ours, time.Since(began)))
	}
	b.report("10,000 webhooks in order on one advance, times a client's posts", "at most 1.4", times...)
	return nil
}

// viewers compares the rate of webhooks to one endpoint with a hundred viewers, of which twenty do not read, with that of
// none. The viewers run in this process and take part of the CPU.
func (b *bench) viewers() error {
	const events, viewers, stalled = 2000, 100, 20
	d, err := b.deliverTo(1)
	if err != nil {
		return err
	}
	advance := func() (time.Duration, error) {
		if err := d.pend(events); err != nil {
			return 0, err
		}
		return d.advance()
	}
	var share []float64
	for i := range min(3, b.rounds) + 1 {
		alone, err := advance()
		if err != nil {
			return err
		}
		var all []net.Conn
		for n := range viewers {
			conn, err := d.server.watch(n < stalled)
			if err != nil {
				return err
			}
			all = append(all, conn)
		}
		watched, err := advance()
		for _, conn := range all {
			_ = conn.Close() // it may be closed by the server
		}
		if err != nil {
			return err
		}
		if i > 0 { // the first is to warm up
			share = append(share, ratio(alone, watched))
		}
	}
	b.report("webhook rate with 100 viewers, 20 of them stalled, share of that with none", "at least 0.90", share...)
	return nil
}

// watch follows the events by a websocket, like the page: first all that are kept, then those to come. A stalled viewer reads
// nothing.
func (p *process) watch(stalled bool) (net.Conn, error) {
	host := strings.TrimPrefix(p.URL, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(conn, "GET /_idmock/v1/events HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", host)
	reader := bufio.NewReader(conn)
	status, err := reader.ReadString('\n')
	if err == nil && !strings.Contains(status, " 101 ") {
		err = fmt.Errorf("events: %s", strings.TrimSpace(status))
	}
	if err != nil {
		return nil, err
	}
	if !stalled {
		go io.Copy(io.Discard, reader) //nolint:errcheck // ends with the connection
	}
	return conn, nil
}
