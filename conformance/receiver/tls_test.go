package receiver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance/receiver/reference"
)

// withTLS returns a TLS listener, with the flaw in its certificate or protocols, and the file of its CA certificate.
func withTLS(t testing.TB, l net.Listener, flaw reference.FlawID) (net.Listener, string) {
	t.Helper()
	now := time.Now()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(time.Hour)}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	switch flaw {
	case reference.SpeaksNoHTTP2:
		config.NextProtos = nil
	case reference.ExpiredCertificate:
		leaf.NotAfter = now.Add(-24 * time.Hour)
	case reference.WrongNameCertificate:
		leaf.IPAddresses, leaf.DNSNames = nil, []string{"app.example"}
	case reference.SpeaksOldTLS:
		config.MinVersion = tls.VersionTLS10
	}
	key, root := newCertificate(t, authority, nil, nil)
	trusted := root
	if flaw == reference.UntrustedCertificate {
		_, trusted = newCertificate(t, &x509.Certificate{SerialNumber: big.NewInt(3), IsCA: true, BasicConstraintsValid: true, NotBefore: now, NotAfter: now.Add(time.Hour)}, nil, nil)
	}
	parent, err := x509.ParseCertificate(root)
	if err != nil {
		t.Fatal(err)
	}
	own, certificate := newCertificate(t, leaf, parent, key)
	config.Certificates = []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: own}}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.NewListener(l, config), file
}

// newCertificate creates a certificate; without a parent it is self-signed.
func newCertificate(t testing.TB, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	return key, der
}
