package journal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// AppendEntry appends an entry as readers get it over HTTP and websocket:
//
//	{"seq":1,"at":"…","wall":"…","account":"…","kind":"call","data":{…}}
//
// Data is copied unchanged. An entry without Data gets {}.
func AppendEntry(dst []byte, e store.Entry) []byte {
	dst = slices.Grow(dst, 160+len(e.Account)+len(e.Data))
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, e.Seq, 10)
	dst = appendTime(append(dst, `,"at":`...), e.At)
	dst = appendTime(append(dst, `,"wall":`...), e.Wall)
	dst = text(dst, `,"account":`, e.Account)
	dst = text(dst, `,"kind":`, e.Kind)
	dst = append(dst, `,"data":`...)
	if len(e.Data) == 0 {
		dst = append(dst, `{}`...)
	}
	dst = append(dst, e.Data...)
	return append(dst, '}')
}

// ParseEntry decodes the output of AppendEntry.
func ParseEntry(b []byte) (store.Entry, error) {
	var form struct {
		Seq     uint64          `json:"seq"`
		At      time.Time       `json:"at"`
		Wall    time.Time       `json:"wall"`
		Account string          `json:"account"`
		Kind    string          `json:"kind"`
		Data    json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &form); err != nil {
		return store.Entry{}, fmt.Errorf("parse journal entry: %w", err)
	}
	return store.Entry{Seq: form.Seq, At: form.At, Wall: form.Wall, Account: form.Account, Kind: form.Kind, Data: form.Data}, nil
}
