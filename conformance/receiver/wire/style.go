package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// endlessBytes is the length that the style endless announces.
const endlessBytes = 50 << 20

// errReadAll is the error of a receiver that read a whole body which it should have cut off.
var errReadAll = errors.New("it read all 50 MB")

// styles are the ways to write a request. ignore reports that the sender does not wait for a response.
var styles = map[string]func(*Conn, *Request) (ignore bool, err error){
	"plain":    plain,
	"chunked":  chunked,
	"expect":   expect,
	"abort":    abort,
	"hang-up":  hangUp,
	"segments": segments,
	"drip":     drip,
	"endless":  endless,
}

// HasStyle reports whether requests can be written in a style of this name.
func HasStyle(name string) bool { return styles[name] != nil }

func plain(c *Conn, r *Request) (bool, error) {
	whole := append(r.head(r.length()), r.Body...)
	if r.Barrier == nil {
		_, err := c.Write(whole)
		return false, err
	}
	last := len(whole) - 1
	_, err := c.Write(whole[:last])
	r.Barrier.wait()
	if err == nil {
		_ = c.SetDeadline(time.Now().Add(r.Timeout))
		_, err = c.Write(whole[last:])
	}
	return false, err
}

// chunked sends chunks of odd sizes, which also split multi-byte characters.
func chunked(c *Conn, r *Request) (bool, error) {
	if _, err := c.Write(r.head([2]string{"Transfer-Encoding", "chunked"})); err != nil {
		return false, err
	}
	rest, sizes := r.Body, []int{1, 7, 3, 64, 13, 2, 501}
	for i := 0; len(rest) > 0; i++ {
		n := min(sizes[i%len(sizes)], len(rest))
		if split := bytes.IndexFunc(rest, func(c rune) bool { return c > 0x7f }); split >= 0 && split < n {
			n = split + 1
		}
		if _, err := fmt.Fprintf(c, "%x\r\n%s\r\n", n, rest[:n]); err != nil {
			return false, err
		}
		rest = rest[n:]
	}
	_, err := io.WriteString(c, "0\r\n\r\n")
	return false, err
}

// expect waits for 100 Continue, at most a second, before it sends the body (RFC 9110, section 10.1.1).
func expect(c *Conn, r *Request) (bool, error) {
	head := bytes.TrimSuffix(r.head(r.length()), []byte("\r\n"))
	if _, err := c.Write(append(head, "Expect: 100-continue\r\n\r\n"...)); err != nil {
		return false, err
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	start, err := c.in.Peek(12)
	_ = c.SetDeadline(time.Now().Add(r.Timeout))
	if err == nil && !bytes.HasSuffix(start, []byte(" 100")) {
		return false, nil // a final response: the receiver does not want the body
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return false, err
	}
	_, err = c.Write(r.Body)
	return false, err
}

// abort ends the connection after two thirds of the body.
func abort(c *Conn, r *Request) (bool, error) {
	_, err := c.Write(append(r.head(r.length()), r.Body[:len(r.Body)*2/3]...))
	return true, err
}

// hangUp sends everything and disconnects, like a sender after its timeout. The receiver keeps working.
func hangUp(c *Conn, r *Request) (bool, error) {
	_, err := c.Write(append(r.head(r.length()), r.Body...))
	_ = c.SetReadDeadline(time.Now().Add(150 * time.Millisecond))
	_, _ = c.in.Peek(1)
	return true, err
}

// segments sends head and body in TCP segments of their own, with pauses.
func segments(c *Conn, r *Request) (bool, error) {
	if _, err := c.Write(r.head(r.length())); err != nil {
		return false, err
	}
	for rest := r.Body; len(rest) > 0; {
		n := min(len(r.Body)/5+1, len(rest))
		Pause(20 * time.Millisecond)
		if _, err := c.Write(rest[:n]); err != nil {
			return false, err
		}
		rest = rest[n:]
	}
	return false, nil
}

// A body drips at most maxDrip bytes, one each dripTick.
const (
	maxDrip  = 50
	dripTick = 100 * time.Millisecond
)

// drip sends a byte every 100 ms until the request is no longer needed or for five seconds, then disconnects.
func drip(c *Conn, r *Request) (bool, error) {
	if _, err := c.Write(r.head(r.length())); err != nil {
		return false, err
	}
	_ = c.SetDeadline(time.Now().Add(2 * maxDrip * dripTick)) // beyond the provider's timeout
	for i := range min(maxDrip, len(r.Body)-1) {
		select {
		case <-r.Until:
			return true, nil
		case <-time.After(dripTick):
		}
		if _, err := c.Write(r.Body[i : i+1]); err != nil {
			return true, nil // the receiver may cut off a slow sender
		}
	}
	return true, nil
}

// endless sends 50 MB unless the receiver responds or disconnects before.
func endless(c *Conn, r *Request) (bool, error) {
	if _, err := c.Write(r.head([2]string{"Content-Length", strconv.Itoa(endlessBytes)})); err != nil {
		return false, err
	}
	piece := bytes.Repeat([]byte(" "), 64<<10)
	for range endlessBytes / len(piece) {
		if _, err := c.Write(piece); err != nil {
			return false, nil // cut off, as it should be
		}
		if c.in.Buffered() > 0 {
			return false, nil
		}
	}
	return false, errReadAll
}

// Pause waits for d.
func Pause(d time.Duration) { <-time.After(d) }
