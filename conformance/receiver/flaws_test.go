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
	"sync/atomic"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/openapi"
)

// schemes are those that the reference speaks.
var schemes = []string{"standard-webhooks", "standard-webhooks-ed25519", "t-v1", "hmac-sha256", "digest-alg", "token", "cloudevents", "websub", "echo-token"}

// secrets are what the receivers here know.
var secrets = []string{"whsec_dGhlIHByZXNlbnQgc2VjcmV0LCBvZiAzMiBieXRlcyE=", "whsec_dGhlIG5leHQgc2VjcmV0LCBhbHNvIDMyIGJ5dGVzICE="}

// What the receivers here know beside them: the secret of another account, and one that was replaced.
const (
	otherSecret = "whsec_YW5vdGhlciB0ZW5hbnQncyBzZWNyZXQsIDMyIGIuLi4="
	oldSecret   = "whsec_YSBzZWNyZXQgdGhhdCB3YXMgcmVwbGFjZWQsIDMyIGI="
)

// profileOf is the generic profile of a scheme, and its provider; the provider waits for answers as long as is said.
func profileOf(t testing.TB, scheme, timeout string) *openapi.Provider {
	t.Helper()
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
	return p
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
		listener, ca = secured(t, listener, c.Flaw)
	}
	c.Scheme, c.Key = cmp.Or(map[string]string{"body-hmac": "hmac-sha256", "static-token": "token"}[p.Name], p.Name), "a-key"
	own := func(secret string) string { return secret }
	if how := p.Signature(nil); !how.Shared() {
		own = func(secret string) string { return strings.Replace(secret, "whsec_", "whsk_", 1) }
	}
	known := func(secret string) string {
		text, err := p.Signature(nil).ReceiverSecret(own(secret))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	c.Secrets, c.Other, c.Old = []string{known(secrets[0]), known(secrets[1])}, known(otherSecret), known(oldSecret)
	target := Target{Provider: p, URL: scheme + listener.Addr().String() + "/hooks", CAFile: ca, NextSecret: own(secrets[1]), OtherSecret: own(otherSecret), OldSecret: own(oldSecret),
		Credentials: map[string]string{"signing_secret": own(secrets[0])}}
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

// next is the port that was given last. Ports are taken from below those that the system gives out by itself, which
// somebody else may have got by the time that they are used.
var next atomic.Int64

// free finds an address that nobody listens on.
func free(t testing.TB) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprintf("127.0.0.1:%d", 12000+(int64(os.Getpid())*37+next.Add(1))%18000)
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

func run(t testing.TB, target Target) *conformance.Report {
	t.Helper()
	report, err := Run(context.Background(), target, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// The reference passes whatever applies to it, in every order.
func TestReference(t *testing.T) {
	testenv.Long(t)
	for _, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			p := profileOf(t, scheme, "")
			target := serve(t, p, reference.Config{API: "yes"}, false)
			target.Strict = true
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

// Twenty orders and seeds make no false alarm. What waits for long is left to [TestReference], and bursts measure the machine
// more than the reference when six of these run side by side.
func TestSeeds(t *testing.T) {
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
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed+1), func(t *testing.T) {
			t.Parallel()
			target := serve(t, profileOf(t, "", ""), reference.Config{API: "yes"}, false)
			target.Strict, target.Skip, target.Seed = true, skip, seed+1
			report := run(t, target)
			for _, r := range report.Results {
				if r.Verdict != conformance.Pass && r.Verdict != conformance.NotApplicable {
					t.Errorf("%s: %s: %s%s", r.ID, r.Verdict, r.Reason, tail(r))
				}
			}
		})
	}
}

// Every check finds the receiver that has its flaw, and says what the flaw is. A check that has none is no check.
func TestFlaws(t *testing.T) {
	testenv.Long(t)
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	flaws := reference.Flaws()
	for _, c := range all {
		if !slices.ContainsFunc(flaws, func(f reference.Flaw) bool { return f.Check == c.ID }) {
			t.Errorf("%s has no receiver with its flaw: add one to package reference, or take the check out", c.ID)
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
			want := missed[r.Level]
			if r.Verdict != want {
				t.Errorf("%s, want %s: %s%s", r.Verdict, want, r.Reason, tail(r))
			}
			if !strings.Contains(r.Cause, flaw.ID.Text()) {
				t.Errorf("the receiver %s, and the cause is %q", flaw.ID.Text(), r.Cause)
			}
		})
	}
}

// missed is the verdict on a receiver that has a check's flaw.
var missed = map[conformance.Level]conformance.Verdict{conformance.Must: conformance.Fail, conformance.Should: conformance.Warn, conformance.Info: conformance.Noted}

// flawed starts the receiver that has a flaw.
func flawed(t *testing.T, flaw reference.Flaw) Target {
	t.Helper()
	c := reference.Config{Flaw: flaw.ID}
	if flaw.API {
		c.API = "yes"
	}
	target := serve(t, profileOf(t, flaw.Scheme, "2s"), c, flaw.TLS)
	if flaw.Named {
		target.URL = strings.Replace(target.URL, "127.0.0.1", "localhost", 1)
	}
	return target
}

// The core finds its flaws also among all of its checks, in whatever order these come.
func TestFlawsAmongOthers(t *testing.T) {
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, flaw := range reference.Flaws() {
		i := slices.IndexFunc(all, func(c *Check) bool { return c.ID == flaw.Check })
		if !all[i].Core {
			continue
		}
		t.Run(flaw.Check+" "+string(flaw.ID), func(t *testing.T) {
			t.Parallel()
			target := flawed(t, flaw)
			target.Core = true
			report := run(t, target)
			i := slices.IndexFunc(report.Results, func(r conformance.Result) bool { return r.ID == flaw.Check })
			if r := report.Results[i]; r.Verdict != missed[r.Level] && r.Verdict != conformance.Fail {
				t.Errorf("%s, want %s: %s%s\nseed %d: %s", r.Verdict, missed[r.Level], r.Reason, tail(r), report.Seed, report.Headline)
			}
		})
	}
}

// tail is the last that was exchanged.
func tail(r conformance.Result) string {
	if len(r.Exchanges) == 0 {
		return ""
	}
	e := r.Exchanges[len(r.Exchanges)-1]
	return "\n" + e.Note + "\n" + e.Request + "\n" + e.Response + e.Error
}
