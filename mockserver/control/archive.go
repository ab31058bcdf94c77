package control

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/journal/har"
)

// journalArchive sends calls and attempts as an HTTP archive, an entry at a time. What fails on the way cuts the
// connection, as with lines. What retention has dropped is said in the archive's comment.
func (a *api) journalArchive(w http.ResponseWriter, r *http.Request, p page, head uint64) error {
	patient(w)
	options := har.Options{Version: a.options.Version, Redact: p.redact}
	out := bufio.NewWriterSize(w, 64<<10)
	var text []byte
	comment := ""
	begun := false
	for e, err := range a.read(r.Context(), p, head) {
		if err == nil && e.Kind == journal.KindGap {
			gap, wrong := journal.As[journal.Gap](e)
			comment, err = fmt.Sprintf("%d entries of the journal had been dropped before", gap.Missed), wrong
		}
		ok := false
		if text = text[:0]; err == nil {
			text, ok, err = har.Append(text, e, options)
		}
		if err != nil && begun {
			a.log.ErrorContext(r.Context(), "archive cut short", "err", err)
			panic(http.ErrAbortHandler)
		}
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if begun {
			_ = out.WriteByte(',')
		} else {
			begin(w, out, p.account, options)
			begun = true
		}
		if _, err := out.Write(text); err != nil {
			return nil // the reader is gone
		}
	}
	if !begun {
		begin(w, out, p.account, options)
	}
	_, _ = out.Write(har.End(text[:0], comment))
	_ = out.Flush()
	return nil
}

func begin(w http.ResponseWriter, out *bufio.Writer, account string, o har.Options) {
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
	_, _ = out.Write(har.Begin(nil, o)) // whether the reader is there is seen at the first entry
}
