package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// reachable is how long the receiver gets to take a connection before anything is played.
const reachable = 3 * time.Second

// speed reads real, xN or instant.
func speed(s string) (instant bool, rate float64, err error) {
	switch s {
	case "instant":
		return true, 1, nil
	case "real":
		return false, 1, nil
	}
	n, isRate := strings.CutPrefix(s, "x")
	rate, err = strconv.ParseFloat(n, 64)
	if !isRate || err != nil || !(rate > 0 && rate <= 1e6) { // NaN is neither
		return false, 0, fmt.Errorf("--speed %q: want real, instant, or a factor such as x60", s)
	}
	return false, rate, nil
}

// dial finds out whether anybody is there to be tested.
func dial(ctx context.Context, to string) error {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("--to %q is no webhook address: want one such as http://127.0.0.1:3000/webhooks", to)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	d := net.Dialer{Timeout: reachable}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return fmt.Errorf("no receiver at %s: %w: start it, or correct --to", to, err)
	}
	return conn.Close()
}
