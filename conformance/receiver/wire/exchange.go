package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// Send sends a request over c, or over a new connection if c is nil. It returns the connection, which may be another one:
// a reused connection that was closed meanwhile is replaced once, as HTTP clients do. The caller closes it; it is nil if
// dialing failed.
func (t *Target) Send(ctx context.Context, c *Conn, r *Request) (*Conn, Response) {
	for {
		if c == nil {
			var err error
			if c, err = t.Dial(ctx, nil); err != nil {
				return nil, Response{Err: err, Closed: true}
			}
		}
		got := t.exchange(ctx, c, r)
		if !got.Closed || c.uses <= 1 || got.Raw != "" || got.Err == nil {
			return c, got
		}
		c.Close()
		c = nil
	}
}

// exchange writes a request to a connection and reads the response.
func (t *Target) exchange(ctx context.Context, c *Conn, r *Request) Response {
	start := time.Now()
	deadline := start.Add(r.Timeout)
	_ = c.SetDeadline(deadline) // a closed connection fails at the first byte
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	c.uses++
	write := styles[r.Style]
	if write == nil {
		write = styles["plain"]
	}
	ignore, err := write(c, r)
	if ignore {
		c.Close()
		return Response{Took: time.Since(start), Err: err, Closed: true}
	}
	// Even after a write error: a receiver may refuse before it has read everything, and close.
	got := c.read(r)
	got.Took = time.Since(start)
	if got.Err != nil && err != nil || errors.Is(err, errReadAll) {
		got.Err, got.Status = err, 0
	}
	if got.Err != nil {
		got.Late = time.Now().After(deadline) || errors.Is(got.Err, os.ErrDeadlineExceeded)
		if ctx.Err() != nil {
			got.Err, got.Late = ctx.Err(), false
		}
		if got.Late {
			got.Err = fmt.Errorf("no response within %v", r.Timeout)
		}
		got.Closed = !got.Late
	}
	return got
}

// read reads the response of a request, past interim responses.
func (c *Conn) read(r *Request) Response {
	var got Response
	for {
		resp, err := http.ReadResponse(c.in, &http.Request{Method: r.Method})
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
				err = errors.New("the connection was closed without a response")
			}
			got.Err, got.Raw = err, c.takeRaw()
			return got
		}
		if resp.StatusCode >= 100 && resp.StatusCode < 200 && resp.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
		resp.Body.Close()
		got.Status, got.Header, got.Body, got.Raw = resp.StatusCode, resp.Header, body, c.takeRaw()
		if err != nil {
			got.Err = fmt.Errorf("the response is incomplete: %w", err)
			got.Status = 0
		}
		if resp.Close {
			c.Close()
		}
		return got
	}
}

// takeRaw returns the bytes received since the last response. Bytes that are buffered belong to the next one.
func (c *Conn) takeRaw() string {
	raw := c.raw.String()
	rest, _ := c.in.Peek(c.in.Buffered()) // buffered bytes do not fail
	c.raw.Reset()
	c.raw.Write(rest)
	return strings.TrimSuffix(raw, string(rest))
}
