package receiver

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/openapi"
)

// schemes are the signature schemes of the reference.
var schemes = []string{"standard-webhooks", "standard-webhooks-ed25519", "t-v1", "hmac-sha256", "digest-alg", "token", "cloudevents", "websub", "echo-token"}

// secrets are the current and the next secret of the receivers in these tests.
var secrets = []string{"whsec_dGhlIHByZXNlbnQgc2VjcmV0LCBvZiAzMiBieXRlcyE=", "whsec_dGhlIG5leHQgc2VjcmV0LCBhbHNvIDMyIGJ5dGVzICE="}

// The secret of another account, and a replaced one.
const (
	otherSecret = "whsec_YW5vdGhlciB0ZW5hbnQncyBzZWNyZXQsIDMyIGIuLi4="
	oldSecret   = "whsec_YSBzZWNyZXQgdGhhdCB3YXMgcmVwbGFjZWQsIDMyIGI="
)

// opened are the providers that profileOf has opened. Tests share them: reading one takes long.
var opened sync.Map

// profileOf returns the generic provider of a scheme. timeout is its timeout for responses; empty: its own.
func profileOf(t testing.TB, scheme, timeout string) *openapi.Provider {
	t.Helper()
	if p, ok := opened.Load(scheme + " " + timeout); ok {
		return p.(*openapi.Provider)
	}
	name := cmp.Or(map[string]string{"": "standard-webhooks", "hmac-sha256": "body-hmac", "token": "static-token"}[scheme], scheme)
	dir, err := profile.GenericDirectory(name)
	if err != nil {
		t.Fatal(err)
	}
	if timeout != "" {
		dir = withTimeout{dir, timeout}
	}
	p, err := openapi.Open(name, dir)
	if err != nil {
		t.Fatal(err)
	}
	shared, _ := opened.LoadOrStore(scheme+" "+timeout, p)
	return shared.(*openapi.Provider)
}

// withTimeout is a provider directory with another timeout.
type withTimeout struct {
	fs.FS
	timeout string
}

// ReadFile implements [fs.ReadFileFS].
func (w withTimeout) ReadFile(name string) ([]byte, error) {
	src, err := fs.ReadFile(w.FS, name)
	if err != nil || name != "provider.yaml" {
		return src, err
	}
	before, after, _ := bytes.Cut(src, []byte("timeout: "))
	_, rest, _ := bytes.Cut(after, []byte("\n"))
	return slices.Concat(before, []byte("timeout: "+w.timeout+"\n"), rest), nil
}

// serve starts a reference receiver and returns the target to test it.
func serve(t testing.TB, p *openapi.Provider, c reference.Config, secure bool) Target {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	scheme, ca := "http://", ""
	if secure {
		scheme = "https://"
		listener, ca = withTLS(t, listener, c.Flaw)
	}
	c.Scheme, c.Key = cmp.Or(map[string]string{"body-hmac": "hmac-sha256", "static-token": "token"}[p.Name], p.Name), "a-key"
	senderSecret := func(secret string) string { return secret }
	if !p.Webhooks().Signature(nil).Shared() {
		senderSecret = func(secret string) string { return strings.Replace(secret, "whsec_", "whsk_", 1) }
	}
	receiverSecret := func(secret string) string {
		text, err := p.Webhooks().Signature(nil).ReceiverSecret(senderSecret(secret))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	c.Secrets, c.Other, c.Old = []string{receiverSecret(secrets[0]), receiverSecret(secrets[1])}, receiverSecret(otherSecret), receiverSecret(oldSecret)
	target := Target{Provider: p, URL: scheme + listener.Addr().String() + "/hooks", CAFile: ca, NextSecret: senderSecret(secrets[1]), OtherSecret: senderSecret(otherSecret), OldSecret: senderSecret(oldSecret),
		Credentials: map[string]string{"signing_secret": senderSecret(secrets[0])}}
	base := scheme + listener.Addr().String()
	target.Probe = Probe{Hook: Hook{URL: base + "/subjects/{subject}"}, Text: "$.name"}
	target.Start = Hook{URL: base + "/start/{subject}"}
	target.Restart = Hook{URL: base + "/restart"}
	if c.API != "" {
		target.APIAddr = free(t)
		c.API = "http://" + target.APIAddr + p.Prefix
	}
	r := reference.New(c)
	served := make(chan struct{})
	go func() { defer close(served); _ = r.Serve(listener) }()
	t.Cleanup(func() {
		listener.Close()
		<-served
		r.Close()
	})
	return target
}

// lastPort counts the ports that free has returned. They are below the ephemeral ports, which another process could get
// before the test uses them.
var lastPort atomic.Int64

// free returns an address without a listener.
func free(t testing.TB) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 12000+(int64(os.Getpid())*37+lastPort.Add(1))%18000)
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

func run(t testing.TB, target Target) *conformance.Report {
	t.Helper()
	target.Budget = -1 // a busy machine takes its time
	report, err := Run(context.Background(), target, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// The reference passes all applicable checks with every scheme. A brief run performs some of them with the first only.
func TestReference(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	for i, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			p := profileOf(t, scheme, "")
			target := serve(t, p, reference.Config{API: "yes", Reconcile: i == 0}, false)
			target.Strict = true
			if i == 0 {
				target.Reconcile = 5 * time.Second
			}
			apportion(t, &target, i, "auth", "rotate", "shake")
			report := run(t, target)
			for _, r := range report.Results {
				if r.Verdict != conformance.Pass && r.Verdict != conformance.NotApplicable {
					t.Errorf("%s: %s: %s%s", r.ID, r.Verdict, r.Reason, tail(r))
				}
			}
			if report.ExitCode() != 0 || report.Headline != "" {
				t.Errorf("code %d, %s", report.ExitCode(), report.Headline)
			}
			t.Logf("%v, %d passed, %d do not apply", report.Took, report.Count(conformance.Pass), report.Count(conformance.NotApplicable))
		})
	}
}

// The reference passes over https, too.
func TestReferenceHTTPS(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{}, true)
	target.Only, target.Strict = []string{"auth/*", "http/*"}, true
	if !whole() {
		target.Skip = slowest
	}
	report := run(t, target)
	for _, r := range report.Results {
		if r.Verdict != conformance.Pass && r.Verdict != conformance.NotApplicable {
			t.Errorf("%s: %s: %s%s", r.ID, r.Verdict, r.Reason, tail(r))
		}
	}
	if report.ExitCode() != 0 {
		t.Errorf("code %d, %s", report.ExitCode(), report.Headline)
	}
}

// The reference passes with twenty seeds and orders, or two in a brief run. Slow checks are left to TestReference; bursts would
// measure the machine, on which six of these tests run in parallel.
func TestSeeds(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	skip := []string{"ack/b*"}
	for _, c := range all {
		if c.Slow {
			skip = append(skip, c.ID)
		}
	}
	seeds := uint64(2)
	if whole() {
		seeds = 20
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed+1), func(t *testing.T) {
			t.Parallel()
			target := serve(t, profileOf(t, "", ""), reference.Config{API: "yes"}, false)
			target.Strict, target.Seed = true, seed+1
			apportion(t, &target, int(seed+1))
			target.Skip = append(target.Skip, skip...)
			report := run(t, target)
			for _, r := range report.Results {
				if r.Verdict != conformance.Pass && r.Verdict != conformance.NotApplicable {
					t.Errorf("%s: %s: %s%s", r.ID, r.Verdict, r.Reason, tail(r))
				}
			}
		})
	}
}

// Every check fails the receiver with its flaw and reports the flaw as the cause. Every check has a flaw. `make flaws` runs
// the whole catalogue for each flaw.
func TestFlaws(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	flaws := reference.Flaws()
	for _, c := range all {
		if !slices.ContainsFunc(flaws, func(f reference.Flaw) bool { return f.Check == c.ID }) {
			t.Errorf("%s has no flaw: add one to package reference, or delete the check", c.ID)
		}
	}
	for _, flaw := range flaws {
		t.Run(flaw.Check+" "+string(flaw.ID), func(t *testing.T) {
			t.Parallel()
			target := flawed(t, flaw)
			target.Only = []string{flaw.Check}
			report := run(t, target)
			if len(report.Results) != 1 {
				t.Fatalf("%d results", len(report.Results))
			}
			r := report.Results[0]
			want := failing[r.Level]
			if flaw.Severe {
				want = conformance.Fail
			}
			if r.Verdict != want {
				t.Errorf("%s, want %s: %s%s", r.Verdict, want, r.Reason, tail(r))
			}
			if !strings.Contains(r.Cause, flaw.ID.Text()) {
				t.Errorf("flaw: %s, cause: %q", flaw.ID.Text(), r.Cause)
			}
		})
	}
}

// failing is the verdict on a receiver with the flaw of a check, by the check's level.
var failing = map[conformance.Level]conformance.Verdict{conformance.Must: conformance.Fail, conformance.Should: conformance.Warn, conformance.Info: conformance.Noted}

// flawed starts a receiver with a flaw.
func flawed(t *testing.T, flaw reference.Flaw) Target {
	t.Helper()
	c := reference.Config{Flaw: flaw.ID, Reconcile: flaw.Reconcile > 0}
	if flaw.API {
		c.API = "yes"
	}
	timeout := "2s"
	if flaw.ID == reference.RespondsSlowly { // in time, but too slowly even for a busy machine
		timeout = "10s"
	}
	target := serve(t, profileOf(t, flaw.Scheme, timeout), c, flaw.TLS)
	target.Reconcile = flaw.Reconcile
	target.Settle = 2 * time.Second // an effect of the reference takes milliseconds
	if flaw.Named {
		target.URL = strings.Replace(target.URL, "127.0.0.1", "localhost", 1)
	}
	return target
}

// The core checks find their flaws when they run together, in any order. A brief run takes some of the flaws.
func TestFlawsInCore(t *testing.T) {
	t.Parallel()
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	for n, flaw := range reference.Flaws() {
		i := slices.IndexFunc(all, func(c *Check) bool { return c.ID == flaw.Check })
		if !all[i].Core || !whole() && n%7 != 0 {
			continue
		}
		t.Run(flaw.Check+" "+string(flaw.ID), func(t *testing.T) {
			t.Parallel()
			target := flawed(t, flaw)
			target.Core = true
			report := run(t, target)
			i := slices.IndexFunc(report.Results, func(r conformance.Result) bool { return r.ID == flaw.Check })
			if r := report.Results[i]; r.Verdict != failing[r.Level] && r.Verdict != conformance.Fail {
				t.Errorf("%s, want %s: %s%s\nseed %d: %s", r.Verdict, failing[r.Level], r.Reason, tail(r), report.Seed, report.Headline)
			}
		})
	}
}

// tail formats the last exchange of a result.
func tail(r conformance.Result) string {
	if len(r.Exchanges) == 0 {
		return ""
	}
	e := r.Exchanges[len(r.Exchanges)-1]
	return "\n" + e.Note + "\n" + e.Request + "\n" + e.Response + e.Error
}
