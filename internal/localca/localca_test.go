package localca

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// An authority is made once, and its key is for its owner alone.
func TestAuthorityIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	var all sync.WaitGroup
	made := make([]*Authority, 8)
	for i := range made { // as several servers that start at once
		all.Go(func() {
			for { // the slower ones may meet the certificate of one whose key is not there yet
				a, err := Open(dir, []string{"api.acme.example", "js.acme.example"})
				if err == nil {
					made[i] = a
					return
				}
			}
		})
	}
	all.Wait()
	for _, a := range made {
		if !bytes.Equal(a.PEM(), made[0].PEM()) {
			t.Fatal("two starts made two authorities")
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
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := Remove(dir); err != nil {
		t.Errorf("remove nothing: %v", err)
	}
}

// A host's certificate is good for that host alone, and none is good for a host that the authority is not for.
func TestCertificateIsForOneHost(t *testing.T) {
	a, err := Open(t.TempDir(), []string{"api.acme.example", "js.acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	for _, host := range []string{"api.acme.example", "js.acme.example", "localhost"} {
		made, err := a.Certificate(host)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(made.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "acme.example", Roots: roots}); err == nil {
			t.Errorf("the certificate of %s is good for another host", host)
		}
		if again, err := a.Certificate(host); err != nil || again != made {
			t.Errorf("%s got a second certificate (%v)", host, err)
		}
	}
	if _, err := a.Certificate("bank.example"); err == nil {
		t.Error("a certificate for a host that the authority is not for")
	}
	// Even who has the key can make none.
	a.cert.PermittedDNSDomains = append(a.cert.PermittedDNSDomains, "bank.example")
	made, err := a.Certificate("bank.example")
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(made.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "bank.example", Roots: roots}); err == nil {
		t.Error("a stolen key is good for a bank")
	}
}

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
			t.Errorf("read an authority whose certificate is %.20q", broken)
		}
	}
}
