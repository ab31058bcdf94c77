package receiver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
)

const (
	dialPatience = 8 * time.Second // a system whose queue is full makes a client ask again after 1, 3 and 7 seconds
	keepReply    = 64 << 10        // bytes of a reply that are kept
	maxReply     = 8 << 20         // bytes that are read at all
)

// request is what is put on the wire, byte for byte.
type request struct {
	method, target string // target: path and query
	header         [][2]string
	body           []byte
	wire           string // how it is written
	over           string // the way there
	timeout        time.Duration
}

// head is the request line and the headers, in their order and spelling. framing is the header that says how long the
// body is.
func (r *request) head(framing [2]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.method, r.target)
	for _, h := range r.header {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	if framing[0] != "" {
		fmt.Fprintf(&b, "%s: %s\r\n", framing[0], framing[1])
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

func (r *request) length() [2]string { return [2]string{"Content-Length", strconv.Itoa(len(r.body))} }

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   []byte
	raw    string
	took   time.Duration
	err    error // why there is none
	closed bool  // the connection ended without an answer
	late   bool  // the time was over
	known  bool  // an interim 100 came

	told    *conformance.Exchange // as the report tells it
	missing string                // why it cannot be told what the receiver does
}

// line is one connection.
type line struct {
	net.Conn
	in  *bufio.Reader
	raw *bytes.Buffer
	use int
}

// wireTarget is where requests go.
type wireTarget struct {
	url   *url.URL
	addr  string
	roots *x509.CertPool
	open  func(ctx context.Context, network, address string) (net.Conn, error)
}

func newWireTarget(raw, caFile string) (*wireTarget, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is no webhook address: want one such as http://127.0.0.1:3000/webhooks", raw)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	t := &wireTarget{url: u, addr: net.JoinHostPort(u.Hostname(), port), open: (&net.Dialer{}).DialContext}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("certificate authority: %w", err)
		}
		t.roots = x509.NewCertPool()
		if !t.roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("certificate authority: %s holds no certificate in PEM", caFile)
		}
	}
	return t, nil
}

// dial opens a connection, with TLS where the URL says so. config, if not nil, replaces what is offered.
func (t *wireTarget) dial(ctx context.Context, config *tls.Config) (*line, error) {
	return t.dialTo(ctx, "tcp", t.addr, config)
}

// dialTo does so over a network, tcp or tcp6, to an address that need not be the URL's.
func (t *wireTarget) dialTo(ctx context.Context, network, addr string, config *tls.Config) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	conn, err := t.open(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if t.url.Scheme == "https" {
		if config == nil {
			config = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		config = config.Clone()
		config.ServerName, config.RootCAs = t.url.Hostname(), t.roots
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%w: %w", errHandshake, err)
		}
		conn = secure
	}
	l := &line{Conn: conn, raw: &bytes.Buffer{}}
	l.in = bufio.NewReader(io.TeeReader(conn, limited{l.raw, keepReply}))
	return l, nil
}

// limited keeps so many bytes and drops the rest.
type limited struct {
	*bytes.Buffer
	limit int
}

func (l limited) Write(b []byte) (int, error) {
	if room := l.limit - l.Len(); room > 0 {
		l.Buffer.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

// exchange puts a request on a connection and reads the answer.
func (t *wireTarget) exchange(ctx context.Context, l *line, r *request) reply {
	start := time.Now()
	deadline := start.Add(r.timeout)
	_ = l.SetDeadline(deadline) // a connection that is gone fails at the first byte
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	l.use++
	how := wires[r.wire]
	if how == nil {
		how = wires["plain"]
	}
	over, err := how(l, r)
	if over { // nobody waits for an answer
		l.Close()
		return reply{took: time.Since(start), err: err, closed: true}
	}
	// Whoever refuses may answer before he has read everything, and close.
	made := t.read(l, r)
	made.took = time.Since(start)
	if made.err != nil && err != nil || errors.Is(err, errTookAll) {
		made.err, made.status = err, 0
	}
	if made.err != nil {
		made.late = time.Now().After(deadline) || errors.Is(made.err, os.ErrDeadlineExceeded)
		if ctx.Err() != nil {
			made.err, made.late = ctx.Err(), false
		}
		if made.late {
			made.err = fmt.Errorf("no answer within %v", r.timeout)
		}
		made.closed = !made.late
	}
	return made
}

// answer is what came since the last answer. Bytes behind it belong to the next one, whenever they came.
func (l *line) answer() string {
	raw := l.raw.String()
	rest, _ := l.in.Peek(l.in.Buffered()) // no more than there is
	l.raw.Reset()
	l.raw.Write(rest)
	return strings.TrimSuffix(raw, string(rest))
}

func (t *wireTarget) read(l *line, r *request) reply {
	var made reply
	for {
		resp, err := http.ReadResponse(l.in, &http.Request{Method: r.method})
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
				err = errors.New("the connection was closed without an answer")
			}
			made.err, made.raw = err, l.answer()
			return made
		}
		if resp.StatusCode >= 100 && resp.StatusCode < 200 && resp.StatusCode != http.StatusSwitchingProtocols {
			made.known = true
			continue
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
		resp.Body.Close()
		made.status, made.header, made.body, made.raw = resp.StatusCode, resp.Header, body, l.answer()
		if err != nil {
			made.err = fmt.Errorf("the answer breaks off: %w", err)
			made.status = 0
		}
		if resp.Close {
			l.Close()
		}
		return made
	}
}

// wires are the ways to write a request. They report whether nobody waits for an answer.
var wires = map[string]func(*line, *request) (over bool, err error){
	"plain": func(l *line, r *request) (bool, error) {
		_, err := l.Write(append(r.head(r.length()), r.body...))
		return false, err
	},
	// In pieces of odd sizes, which also cut characters of several bytes in two.
	"chunked": func(l *line, r *request) (bool, error) {
		if _, err := l.Write(r.head([2]string{"Transfer-Encoding", "chunked"})); err != nil {
			return false, err
		}
		rest, sizes := r.body, []int{1, 7, 3, 64, 13, 2, 501}
		for i := 0; len(rest) > 0; i++ {
			n := min(sizes[i%len(sizes)], len(rest))
			if cut := bytes.IndexFunc(rest, func(c rune) bool { return c > 0x7f }); cut >= 0 && cut < n {
				n = cut + 1
			}
			if _, err := fmt.Fprintf(l, "%x\r\n%s\r\n", n, rest[:n]); err != nil {
				return false, err
			}
			rest = rest[n:]
		}
		_, err := io.WriteString(l, "0\r\n\r\n")
		return false, err
	},
	// The body waits for a 100, or for a second, as RFC 9110 has clients do.
	"expect": func(l *line, r *request) (bool, error) {
		head := bytes.TrimSuffix(r.head(r.length()), []byte("\r\n"))
		if _, err := l.Write(append(head, "Expect: 100-continue\r\n\r\n"...)); err != nil {
			return false, err
		}
		_ = l.SetReadDeadline(time.Now().Add(time.Second))
		start, err := l.in.Peek(12)
		_ = l.SetDeadline(time.Now().Add(r.timeout))
		if err == nil && !bytes.HasSuffix(start, []byte(" 100")) {
			return false, nil // it is decided already, and the body is not wanted
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return false, err
		}
		_, err = l.Write(r.body)
		return false, err
	},
	// The sender dies in the middle of the body. What has come is cut where it might pass for a whole.
	"abort": func(l *line, r *request) (bool, error) {
		if _, err := l.Write(append(r.head(r.length()), r.body[:len(r.body)*2/3]...)); err != nil {
			return true, err
		}
		return true, nil
	},
	// The sender gives up waiting, as it does after its timeout; the receiver has everything and goes on.
	"hang-up": func(l *line, r *request) (bool, error) {
		_, err := l.Write(append(r.head(r.length()), r.body...))
		_ = l.SetReadDeadline(time.Now().Add(150 * time.Millisecond))
		_, _ = l.in.Peek(1)
		return true, err
	},
	// Head and body in segments of their own, as over a slow line.
	"segments": func(l *line, r *request) (bool, error) {
		if _, err := l.Write(r.head(r.length())); err != nil {
			return false, err
		}
		for rest := r.body; len(rest) > 0; {
			n := min(len(r.body)/5+1, len(rest))
			pause(20 * time.Millisecond)
			if _, err := l.Write(rest[:n]); err != nil {
				return false, err
			}
			rest = rest[n:]
		}
		return false, nil
	},
	// A byte now and then, for two seconds; then the sender goes away.
	"drip": func(l *line, r *request) (bool, error) {
		if _, err := l.Write(r.head(r.length())); err != nil {
			return false, err
		}
		for i := range min(20, len(r.body)-1) {
			pause(100 * time.Millisecond)
			if _, err := l.Write(r.body[i : i+1]); err != nil {
				return true, nil // it has had enough, which is its right
			}
		}
		return true, nil
	},
	// More than anybody can want, as long as it is taken.
	"endless": func(l *line, r *request) (bool, error) {
		const size = 50 << 20
		if _, err := l.Write(r.head([2]string{"Content-Length", strconv.Itoa(size)})); err != nil {
			return false, err
		}
		piece := bytes.Repeat([]byte(" "), 64<<10)
		for range size / len(piece) {
			if _, err := l.Write(piece); err != nil {
				return false, nil // cut off, as it should be
			}
			if l.in.Buffered() > 0 {
				return false, nil
			}
		}
		return false, errTookAll
	},
}

// errTookAll is told of a receiver that read all of what it should have cut off.
var errTookAll = errors.New("it read all 50 MB")

func pause(d time.Duration) { <-time.After(d) }

// told is a request as a report shows it.
func (r *request) told() string {
	body := r.body
	more := ""
	if len(body) > 4<<10 {
		more = fmt.Sprintf("… (%d bytes in all)", len(body))
		body = body[:4<<10]
	}
	framing := r.length()
	switch r.wire {
	case "chunked":
		framing = [2]string{"Transfer-Encoding", "chunked"}
	case "endless":
		framing = [2]string{"Content-Length", strconv.Itoa(50 << 20)}
	}
	head := strings.ReplaceAll(string(r.head(framing)), "\r\n", "\n")
	if r.over == "http2" {
		head = strings.Replace(head, " HTTP/1.1\n", " HTTP/2\n", 1)
	}
	return head + string(body) + more
}
