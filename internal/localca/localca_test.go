package localca

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// An authority is created once, also by concurrent processes, and its key is readable by its owner only.
func TestOpenCreatesOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	var all sync.WaitGroup
	opened := make([]*Authority, 8)
	for i := range opened {
		all.Go(func() {
			for { // the certificate may exist before its key
				a, err := Open(dir, []string{"api.acme.example", "js.acme.example"})
				if err == nil {
					opened[i] = a
					return
				}
			}
		})
	}
	all.Wait()
	for _, a := range opened {
		if !bytes.Equal(a.PEM(), opened[0].PEM()) {
			t.Fatal("two authorities were created")
		}
	}
	for file, mode := range map[string]os.FileMode{"private": 0o700 | os.ModeDir, "private/ca-key.pem": 0o600, "ca.pem": 0o644} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil || info.Mode() != mode {
			t.Errorf("%s has mode %v, want %v (%v)", file, info.Mode(), mode, err)
		}
	}
	if err := Remove(dir); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("Remove left %v, %v", left, err)
	}
	if err := Remove(dir); err != nil {
		t.Errorf("Remove without an authority: %v", err)
	}
}

// A certificate is valid for its host only. The authority cannot issue a valid one for a host that it does not cover.
func TestCertificateIsForOneHost(t *testing.T) {
	a, err := Open(t.TempDir(), []string{"api.acme.example", "js.acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	for _, host := range []string{"api.acme.example", "js.acme.example", "localhost"} {
		cert, err := a.Certificate(host)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "acme.example", Roots: roots}); err == nil {
			t.Errorf("the certificate of %s is valid for another host", host)
		}
		if again, err := a.Certificate(host); err != nil || again != cert {
			t.Errorf("%s got a second certificate (%v)", host, err)
		}
	}
	if _, err := a.Certificate("bank.example"); err == nil {
		t.Error("issued a certificate for an uncovered host")
	}
	// The name constraint also binds a stolen key.
	a.cert.PermittedDNSDomains = append(a.cert.PermittedDNSDomains, "bank.example")
	stolen, err := a.Certificate("bank.example")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(stolen.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "bank.example", Roots: roots}); err == nil {
		t.Error("a certificate from a stolen key is valid for an uncovered host")
	}
}

// Open fails for an authority with a missing certificate, or one that does not match its key.
func TestBrokenAuthority(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	for _, dir := range []string{one, other} {
		if _, err := Open(dir, []string{"api.acme.example"}); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := os.ReadFile(filepath.Join(other, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range [][]byte{cert, []byte("nothing"), nil} {
		if err := os.WriteFile(filepath.Join(one, "ca.pem"), broken, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(one, []string{"api.acme.example"}); err == nil {
			t.Errorf("opened an authority whose certificate is %.20q", broken)
		}
	}
}
