package engine

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/openapi"
)

// Stray is a request that belongs to no provider.
type Stray struct {
	Incoming
	Raw    []byte // the body
	Reply  openapi.Reply
	Why    string              // there is no provider for it
	Likely []*library.Provider // whose request it may be
}

// LogStray logs a request that belongs to no provider. The account is that of the first likely provider that knows its
// credential, else the default account; the entry names the provider if there is one only.
func (e *Engine) LogStray(r *http.Request, in Stray) error {
	entry := &journal.Call{Method: in.Method, Path: in.Path, Status: in.Reply.Status,
		Request:  journal.Payload{Headers: in.Headers, Body: journal.ShortBody(in.Raw)},
		Response: journal.Payload{Headers: in.Reply.Header, Body: journal.ShortBody(in.Reply.Body)},
		Error:    &journal.CallError{Kind: string(openapi.UnknownPath), Message: in.Why}}
	if len(in.Likely) == 1 {
		entry.Provider = in.Likely[0].Name
	}
	var owner string
	for _, p := range in.Likely {
		r.Body = io.NopCloser(bytes.NewReader(in.Raw))
		call, invalid := p.Match(r)
		call.Account = e.Accounts.OwnerOf(p.Provider, call.Account)
		_ = e.Accounts.Admit(r.Context(), p.Provider, call, invalid)
		if owner = call.Account; owner != "" {
			break
		}
	}
	return tx.Retry(func() error { return e.log(r.Context(), owner, in.Started, entry) }, nil)
}

func (e *Engine) log(ctx context.Context, owner string, started time.Time, entry *journal.Call) error {
	a, err := e.Accounts.Open(ctx, owner)
	if err != nil {
		return err
	}
	t := a.Begin(a.Now())
	entry.ID = a.NextID("c")
	t.Request, entry.Duration = entry.ID, journal.Millis(time.Since(started))
	t.Log(entry)
	return t.Commit(ctx)
}
