// Package localca is a certificate authority for one machine: it is made when it is first needed, kept in a folder,
// and signs a certificate for each host name that is asked for, while the program runs.
//
// Its key never leaves the folder, where only its owner may read it. Its own certificate says for which names it may
// sign, critically, so that somebody who steals the key can play no other site to those who trust it.
package localca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long certificates hold. Those of hosts are made anew at every start.
const (
	ownLife  = 5 * 365 * 24 * time.Hour
	hostLife = 90 * 24 * time.Hour
	skew     = time.Hour // by which clocks of containers may be slow
)

// Authority signs certificates. It is safe for concurrent use.
type Authority struct {
	File string // the authority's own certificate, in PEM: what has to be trusted

	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu    sync.Mutex
	hosts map[string]*tls.Certificate
}

// Files of an authority below its folder.
const (
	certFile = "ca.pem"
	keyDir   = "private"
	keyFile  = "ca-key.pem"
)

// Open reads the authority in a folder, or makes one for these hosts and for localhost where there is none yet.
func Open(dir string, hosts []string) (*Authority, error) {
	a, err := read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(dir, hosts); err != nil && !errors.Is(err, fs.ErrExist) { // another start was faster
			return nil, fmt.Errorf("make a certificate authority in %s: %w", dir, err)
		}
		a, err = read(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("certificate authority in %s: %w", dir, err)
	}
	return a, nil
}

// Remove takes an authority's files away. None is no error.
func Remove(dir string) error {
	for _, file := range []string{filepath.Join(keyDir, keyFile), keyDir, certFile} {
		if err := os.Remove(filepath.Join(dir, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func read(dir string) (*Authority, error) {
	a := &Authority{File: filepath.Join(dir, certFile), hosts: map[string]*tls.Certificate{}}
	key, err := block(filepath.Join(dir, keyDir, keyFile), "EC PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	if a.key, err = x509.ParseECPrivateKey(key); err != nil {
		return nil, err
	}
	cert, err := block(a.File, "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	if a.cert, err = x509.ParseCertificate(cert); err != nil {
		return nil, err
	}
	switch {
	case !a.key.PublicKey.Equal(a.cert.PublicKey):
		return nil, fmt.Errorf("%s is not that of the key beside it: make a new one", a.File)
	case time.Now().After(a.cert.NotAfter):
		return nil, fmt.Errorf("%s ran out on %s: make a new one", a.File, a.cert.NotAfter.Format(time.DateOnly))
	}
	return a, nil
}

func block(file, kind string) ([]byte, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	b, _ := pem.Decode(src)
	if b == nil || b.Type != kind {
		return nil, fmt.Errorf("%s holds no %s", file, kind)
	}
	return b.Bytes, nil
}

func create(dir string, hosts []string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	machine, err := os.Hostname()
	if err != nil {
		machine = "this machine"
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Organization: []string{"idmock"}, CommonName: "idmock tests on " + machine + ", " + now.Format(time.DateOnly)},
		NotBefore:    now.Add(-skew), NotAfter: now.Add(ownLife),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: append(slices.Sorted(slices.Values(hosts)), "localhost"),
		PermittedIPRanges: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}, {IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)}},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, keyDir), 0o700); err != nil {
		return err
	}
	// The certificate first: a key without one would be an authority that cannot be read, and is the one that is exclusive.
	if err := write(filepath.Join(dir, certFile), "CERTIFICATE", cert, 0o644); err != nil {
		return err
	}
	return write(filepath.Join(dir, keyDir, keyFile), "EC PRIVATE KEY", private, 0o600)
}

// write makes a file that must not be there yet.
func write(file, kind string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	return errors.Join(pem.Encode(f, &pem.Block{Type: kind, Bytes: data}), f.Close())
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		panic("authority: " + err.Error()) // crypto/rand does not fail
	}
	return n
}

// PEM is the authority's own certificate.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Until is when the authority ends.
func (a *Authority) Until() time.Time { return a.cert.NotAfter }

// Name is what lists of trusted authorities call it.
func (a *Authority) Name() string { return a.cert.Subject.CommonName }

// Covers reports whether the authority may sign for a host.
func (a *Authority) Covers(host string) bool {
	return slices.ContainsFunc(a.cert.PermittedDNSDomains, func(permitted string) bool {
		return host == permitted || strings.HasSuffix(host, "."+permitted)
	})
}

// Certificate returns a certificate for a host, the same as long as the program runs.
func (a *Authority) Certificate(host string) (*tls.Certificate, error) {
	if !a.Covers(host) {
		return nil, fmt.Errorf("the certificate authority was not made for %s: make a new one with idmock ca --new, and trust that", host)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if have := a.hosts[host]; have != nil {
		return have, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: now.Add(-skew), NotAfter: now.Add(hostLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if host == "localhost" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	made := &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}
	a.hosts[host] = made
	return made, nil
}
