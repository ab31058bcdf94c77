package history

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"

	"github.com/idmock/idmock/mockserver/control/wire"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/journal/har"
)

// archive streams calls and attempts as an HTTP archive. Errors abort the connection as in lines. The archive's comment
// reports entries that retention has dropped.
func (h Handler) archive(w http.ResponseWriter, r *http.Request, q query, head uint64) error {
	wire.NoDeadline(w)
	options := har.Options{Version: h.Version, Redact: q.redact}
	out := bufio.NewWriterSize(w, 64<<10)
	var text []byte
	comment := ""
	started := false
	for e, err := range h.read(r.Context(), q, head) {
		if err == nil && e.Kind == journal.KindGap {
			var gap journal.Gap
			gap, err = journal.As[journal.Gap](e)
			comment = fmt.Sprintf("%d journal entries were dropped earlier", gap.Missed)
		}
		ok := false
		if text = text[:0]; err == nil {
			text, ok, err = har.Append(text, e, options)
		}
		if err != nil && started {
			h.Log.ErrorContext(r.Context(), "archive truncated", "err", err)
			panic(http.ErrAbortHandler)
		}
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if started {
			_ = out.WriteByte(',')
		} else {
			beginArchive(w, out, q.account, options)
			started = true
		}
		if _, err := out.Write(text); err != nil {
			return nil // client disconnected
		}
	}
	if !started {
		beginArchive(w, out, q.account, options)
	}
	_, _ = out.Write(har.End(text[:0], comment))
	_ = out.Flush()
	return nil
}

func beginArchive(w http.ResponseWriter, out *bufio.Writer, account string, o har.Options) {
	name := "idmock"
	if account != "" && !o.Redact {
		name += "-" + strings.Map(func(c rune) rune {
			if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '_' {
				return c
			}
			return '-'
		}, account)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.har"`)
	_, _ = out.Write(har.Begin(nil, o)) // the first entry notices a disconnected client
}
