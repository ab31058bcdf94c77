package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// entry decodes a journal entry.
type entry struct{ store.Entry }

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (e *entry) UnmarshalJSON(src []byte) (err error) {
	e.Entry, err = journal.ParseEntry(src)
	return err
}

// Journal yields the entries after a Seq, oldest first. An error ends the sequence.
func (c *Client) Journal(ctx context.Context, after uint64) iter.Seq2[store.Entry, error] {
	return lines(ctx, c, fmt.Sprintf("/journal?format=ndjson&after=%d", after))
}

// Follow is Journal, then new entries as they are written, until ctx ends or the server stops.
func (c *Client) Follow(ctx context.Context, after uint64) iter.Seq2[store.Entry, error] {
	return lines(ctx, c, fmt.Sprintf("/journal?format=ndjson&follow=true&after=%d", after))
}

// Calls is Journal with only the requests to providers.
func (c *Client) Calls(ctx context.Context, after uint64) iter.Seq2[store.Entry, error] {
	return lines(ctx, c, fmt.Sprintf("/journal?format=ndjson&kind=call&after=%d", after))
}

func lines(ctx context.Context, c *Client, path string) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		response, err := do(ctx, c, http.MethodGet, path, nil)
		if err != nil {
			yield(store.Entry{}, err)
			return
		}
		defer response.Body.Close()
		in := bufio.NewReaderSize(response.Body, 64<<10)
		for {
			e, err := next(ctx, c.base, in)
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// next reads one line. The error is io.EOF after the last.
func next(ctx context.Context, base string, in *bufio.Reader) (store.Entry, error) {
	line, err := in.ReadBytes('\n')
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		return store.Entry{}, io.EOF
	case err != nil && ctx.Err() != nil:
		return store.Entry{}, context.Cause(ctx)
	case errors.Is(err, io.EOF):
		return store.Entry{}, unreachable("%s: the journal was truncated", base)
	case err != nil:
		return store.Entry{}, unreachable("%s: connection lost while reading the journal: %w", base, err)
	}
	e, err := journal.ParseEntry(line)
	if err != nil {
		return store.Entry{}, fmt.Errorf("%s: invalid journal entry: %w", base, err)
	}
	return e, nil
}

// Head returns the Seq of the last entry of the journal.
func (c *Client) Head(ctx context.Context) (uint64, error) {
	page, err := call[struct{ Head uint64 }](ctx, c.For(""), http.MethodGet, "/journal?limit=1", nil)
	return page.Head, err
}
