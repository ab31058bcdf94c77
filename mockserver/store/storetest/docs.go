package storetest

import (
	"errors"

	"github.com/idmock/idmock/mockserver/store"
)

var docTests = []test{
	{"compare and swap", func(k *kit) {
		k.has("a", 0, "")
		k.conflict(store.Change{Docs: []store.Doc{doc("a", 1, "from nothing")}})
		k.commit(store.Change{Docs: []store.Doc{doc("a", 0, "one")}})
		k.has("a", 1, "one")
		k.conflict(store.Change{Docs: []store.Doc{doc("a", 0, "again")}})
		k.commit(store.Change{Docs: []store.Doc{doc("a", 1, "two")}})
		k.conflict(store.Change{Docs: []store.Doc{doc("a", 1, "late")}})
		k.conflict(store.Change{Docs: []store.Doc{doc("a", 3, "early")}})
		k.has("a", 2, "two")
	}},
	{"delete", func(k *kit) {
		k.commit(store.Change{Docs: []store.Doc{doc("a", 0, "one"), doc("b", 0, "")}})
		k.has("b", 1, "") // empty is not nil
		k.conflict(store.Change{Docs: []store.Doc{{Key: "a", Rev: 2}}})
		k.conflict(store.Change{Docs: []store.Doc{{Key: "a"}}})
		k.commit(store.Change{Docs: []store.Doc{{Key: "a", Rev: 1}}})
		k.has("a", 0, "")
		k.conflict(store.Change{Docs: []store.Doc{{Key: "a", Rev: 1}}})
		k.commit(store.Change{Docs: []store.Doc{{Key: "a"}}}) // deleting a missing document
		k.has("a", 0, "")
		k.commit(store.Change{Docs: []store.Doc{doc("a", 0, "new")}})
		k.has("a", 1, "new")
		k.same("documents", 2, k.stats().Docs)
	}},
	{"keeps Done", func(k *kit) {
		d := doc("a", 0, "one")
		d.Done = true
		k.commit(store.Change{Docs: []store.Doc{d}})
		if got, err := k.Get(k.Context(), "a"); err != nil || !got.Done {
			k.Errorf("got %v, %v; want it done", got, err)
		}
		k.same("done documents", 1, k.stats().DoneDocs)
		k.commit(store.Change{Docs: []store.Doc{doc("a", 1, "two")}})
		if got, err := k.Get(k.Context(), "a"); err != nil || got.Done {
			k.Errorf("got %v, %v; want it not done", got, err)
		}
		k.same("done documents", 0, k.stats().DoneDocs)
		k.same("done bytes", int64(0), k.stats().DoneBytes)
	}},
	{"keys are compared byte by byte", func(k *kit) {
		for _, key := range []string{"a", "A", "a ", "a/b", "ä", "a\x00", "'; --"} {
			k.commit(store.Change{Docs: []store.Doc{doc(key, 0, "of "+key)}})
		}
		for _, key := range []string{"a", "A", "a ", "a/b", "ä", "a\x00", "'; --"} {
			k.has(key, 1, "of "+key)
		}
	}},
	{"any bytes", func(k *kit) {
		data := make([]byte, 256)
		for i := range data {
			data[i] = byte(i)
		}
		k.commit(store.Change{Docs: []store.Doc{{Key: "a", Data: data}}, Jobs: []store.Job{{ID: "j", Account: "x", Due: at(0), Payload: data}}})
		k.has("a", 1, string(data))
		k.same("payload", data, k.claim("x", 0, 1, "j")[0].Payload)
	}},
	{"closed", func(k *kit) {
		if err := k.Close(); err != nil {
			k.Fatal(err)
		}
		closed := func(method string, err error) {
			k.Helper()
			if !errors.Is(err, store.ErrClosed) {
				k.Errorf("%s: %v, want ErrClosed", method, err)
			}
		}
		ctx := k.Context()
		_, err := k.Get(ctx, "a")
		closed("get", err)
		_, err = k.Commit(ctx, store.Change{})
		closed("commit", err)
		_, err = k.Claim(ctx, "x", at(0), 1, lease)
		closed("claim", err)
		_, _, err = k.Next(ctx, "x")
		closed("next", err)
		_, err = k.Wake(ctx)
		closed("wake", err)
		_, err = k.Read(ctx, "", 0, 1)
		closed("read", err)
		_, err = k.Stats(ctx)
		closed("stats", err)
		for _, err = range k.Follow(ctx, "", 0) {
		}
		closed("follow", err)
	}},
}
