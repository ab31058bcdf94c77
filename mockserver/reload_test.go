package mockserver_test

import (
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
)

// acme opens the sample provider with changes to its files.
func acme(t *testing.T, replacements ...string) *openapi.Provider {
	t.Helper()
	folder := fstest.MapFS{}
	source := os.DirFS("../testdata/providers/acme")
	err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(source, name)
		folder[name] = &fstest.MapFile{Data: []byte(strings.NewReplacer(replacements...).Replace(string(text)))}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := openapi.Open("acme", folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A provider is replaced under load: no request fails, runs continue as they began, and accounts keep their state.
func TestReplaceProvider(t *testing.T) {
	t.Parallel()
	s := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true, Providers: []*openapi.Provider{acme(t)}})
	a, r := s.Account("acme_key"), s.NewReceiver()
	a.Webhook("acme", r.URL)
	check := func(subject string) mockservertest.Answer {
		return a.Call("acme", "createCheck", map[string]string{"number": subject})
	}
	if got := check("22222222"); got.Status >= 300 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	secret := s.DefaultAccount().Control("GET", "/accounts/acme_key", nil).At("credentials.acme.signing_secret")

	stop := make(chan struct{})
	var calling sync.WaitGroup
	for range 4 {
		calling.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got := check("12345678"); got.Status >= 300 {
					t.Errorf("while the folder is replaced: %d %s", got.Status, got.Body)
					return
				}
			}
		})
	}
	for range 20 {
		for _, hours := range []string{"1h", "2h"} {
			next := acme(t, "after: 1h", "after: "+hours, "title: Acme Identity", "title: Acme in "+hours, `"signing-secret"`, `"signing-secret-`+hours+`"`)
			if err := s.Engine().ReplaceProvider(t.Context(), next); err != nil {
				t.Fatal(err)
			}
		}
	}
	close(stop)
	calling.Wait()
	if got := string(s.DefaultAccount().Control("GET", "/providers", nil).Body); !strings.Contains(got, `"title":"Acme in 2h"`) {
		t.Errorf("served is %.200s", got)
	}
	if now := s.DefaultAccount().Control("GET", "/accounts/acme_key", nil).At("credentials.acme.signing_secret"); now == secret || now == "" {
		t.Errorf("the secret is %q as before, want one that is derived anew", now)
	}

	// The first run ends after an hour, as it began; a new one after two.
	a.Advance(time.Second)
	before := len(r.Got())
	a.Advance(time.Hour - time.Second)
	if got := len(r.Got()) - before; got != 1 {
		t.Errorf("%d deliveries after an hour, want the first run's", got)
	}
	check("22222222")
	a.Advance(time.Hour)
	if got := len(r.Got()) - before; got != 1 {
		t.Errorf("%d deliveries, want none of the new run's after an hour", got)
	}
	a.Advance(time.Hour)
	if got := len(r.Got()) - before; got != 2 {
		t.Errorf("%d deliveries, want the new run's after two hours", got)
	}
	for _, d := range mockservertest.Entries[journal.Delivery](a) {
		if d.Outcome != journal.Delivered {
			t.Errorf("%+v", d)
		}
	}
	sent := mockservertest.Entries[journal.Scenarios](s.DefaultAccount())
	if len(sent) != 40 || sent[0].Source != "provider acme" || len(sent[0].Given) != 2 {
		t.Errorf("the journal has %d replacements, the first %+v", len(sent), sent[0])
	}
	if err := s.Engine().ReplaceProvider(t.Context(), providers(t)[0]); err == nil {
		t.Error("a provider that is not served was replaced")
	}
}
