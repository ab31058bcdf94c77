// Package admission bounds the memory that the bodies of requests under way take together.
//
// Small bodies are free. A large one waits until its full size fits; meanwhile it stays in the client's socket. The contents
// of bodies are checked elsewhere.
package admission

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/idmock/idmock/internal/bounds"
)

const (
	// freeBytes of each body are not counted. A reader allocates for no more before it reads on.
	freeBytes = bounds.Small
	// maxWait is how long a body waits for others to be done.
	maxWait = 10 * time.Second
	// maxRead is how long a client may take to send a body that others wait for.
	maxRead = 20 * time.Second
)

// ErrBusy reports that the bodies of other requests left no room for a long time. It is temporary.
var ErrBusy = errors.New("too many large request bodies at once: try again")

// Budget is the number of bytes that large bodies may have together.
type Budget struct {
	size int64
	room *semaphore.Weighted
	wait time.Duration
}

// New returns a budget of size bytes.
func New(size int64) *Budget {
	return &Budget{size: size, room: semaphore.NewWeighted(size), wait: maxWait}
}

// Acquire waits until n bytes fit, however long that takes, or until ctx ends. More than the whole budget counts as that.
func (b *Budget) Acquire(ctx context.Context, n int64) (release func(), err error) {
	n = min(n, b.size)
	if err := b.room.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { b.room.Release(n) }), nil
}

// Limit returns a request whose body counts against the budget. limit is the largest body that its handler reads. Release must
// be called when the handler needs the body no more.
//
// The request is a copy unless its body is small: by the original body, net/http decides whether to read the rest of it before
// a response, which it must not do for a client that waits for 100 Continue.
func (b *Budget) Limit(w http.ResponseWriter, r *http.Request, limit int64) (*http.Request, *Body) {
	body := &Body{ReadCloser: r.Body, budget: b, ctx: r.Context(), response: w, weight: limit}
	body.encoding = r.Header.Get("Content-Encoding")
	if r.ContentLength >= 0 {
		body.weight = min(limit, weight(r.ContentLength, body.encoding))
	}
	body.weight = min(body.weight, b.size)
	waits := r.Header.Get("Expect") != ""
	if waits && r.ContentLength > limit {
		body.refused = &http.MaxBytesError{Limit: limit}
	}
	if waits || r.ContentLength < 0 || r.ContentLength > freeBytes {
		r = r.WithContext(r.Context())
	}
	r.Body = body
	return r, body
}

// most is the growth of a body by gzip and deflate, at most. Other encodings have no such bound.
const most = 1100

// weight returns the bytes that a body becomes at most.
func weight(n int64, encoding string) int64 {
	switch encoding {
	case "", "identity":
		return n
	case "gzip", "deflate":
		return min(n, math.MaxInt64/most) * most
	}
	return math.MaxInt64
}

// Body is the body of a request that counts against a budget.
type Body struct {
	io.ReadCloser
	budget   *Budget
	ctx      context.Context //nolint:containedctx // of the request, as in http.Request
	response http.ResponseWriter
	weight   int64
	encoding string // of the content: its handler decodes it, so that every byte counts
	read     int64
	refused  error // why a client that asks first need not send it

	mu   sync.Mutex
	held int64
}

// Read reads from the body. The error is ErrBusy if there was no room in time, and [*http.MaxBytesError] if the client asks
// whether to send more than the limit.
func (b *Body) Read(p []byte) (int, error) {
	if b.refused != nil {
		return 0, b.refused
	}
	if b.read < freeBytes && b.encoding == "" {
		p = p[:min(int64(len(p)), freeBytes-b.read)]
	} else if err := b.admit(); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	return n, err
}

func (b *Body) admit() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held > 0 || b.weight <= freeBytes {
		return nil
	}
	ctx, cancel := context.WithTimeout(b.ctx, b.budget.wait)
	defer cancel()
	if b.budget.room.Acquire(ctx, b.weight) != nil {
		return ErrBusy
	}
	b.held = b.weight
	_ = http.NewResponseController(b.response).SetReadDeadline(time.Now().Add(maxRead)) // not of a connection in a test
	return nil
}

// Release returns the body's share of the budget. It may be called again.
func (b *Body) Release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held > 0 {
		b.budget.room.Release(b.held)
		b.held = 0
	}
}
