// Package localca is a certificate authority for one machine. It is created in a directory on first use and issues
// certificates for a fixed list of host names.
//
// The key stays in the directory, readable by its owner only. The authority's certificate restricts it to those names
// (critical name constraints), so a stolen key cannot impersonate other sites to those who trust it.
//
// The package does not change any trust store: Instructions explains how a user does that. ADR 25 explains why no library
// is used.
package localca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// Validity of certificates. Those of hosts are issued anew by every process.
const (
	authorityValidity = 5 * 365 * 24 * time.Hour
	hostValidity      = 90 * 24 * time.Hour
	renewBefore       = 30 * 24 * time.Hour
	clockSkew         = time.Hour // tolerated in containers with a slow clock
)

// Authority issues certificates. It is safe for concurrent use.
type Authority struct {
	File string // the authority's certificate in PEM, to be trusted

	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	mu    sync.Mutex
	hosts map[string]*tls.Certificate
}

// PEM returns the authority's certificate.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certBlock, Bytes: a.cert.Raw})
}

// Expires returns the end of the authority's validity.
func (a *Authority) Expires() time.Time { return a.cert.NotAfter }

// Name returns the authority's name in trust stores.
func (a *Authority) Name() string { return a.cert.Subject.CommonName }

// Covers reports whether the authority may issue a certificate for a host.
func (a *Authority) Covers(host string) bool {
	return slices.ContainsFunc(a.cert.PermittedDNSDomains, func(permitted string) bool {
		return host == permitted || strings.HasSuffix(host, "."+permitted)
	})
}

// Missing returns the hosts that the authority does not cover.
func (a *Authority) Missing(hosts []string) []string {
	return slices.DeleteFunc(slices.Clone(hosts), a.Covers)
}

// Certificate returns the certificate for a host. It is issued by this process, and again before it expires.
func (a *Authority) Certificate(host string) (*tls.Certificate, error) {
	if !a.Covers(host) {
		return nil, fmt.Errorf("the certificate authority does not cover %s: create a new one with idmock ca --new, and trust that", host)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if issued := a.hosts[host]; issued != nil && (time.Now().Before(issued.Leaf.NotAfter.Add(-renewBefore)) || issued.Leaf.NotAfter.Equal(a.cert.NotAfter)) {
		return issued, nil
	}
	issued, err := a.issue(host)
	if err == nil {
		a.hosts[host] = issued
	}
	return issued, err
}

func (a *Authority) issue(host string) (*tls.Certificate, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	end := now.Add(hostValidity)
	if end.After(a.cert.NotAfter) {
		end = a.cert.NotAfter
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: now.Add(-clockSkew), NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if host == "localhost" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// authorityTemplate describes an authority for localhost and these hosts.
func authorityTemplate(machine string, hosts []string, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Organization: []string{"idmock"}, CommonName: "idmock tests on " + machine + ", " + now.Format(time.DateOnly)},
		NotBefore:    now.Add(-clockSkew), NotAfter: now.Add(authorityValidity),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, // it vouches for no e-mail, code or client
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: append(slices.Sorted(slices.Values(hosts)), "localhost"),
		PermittedIPRanges: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}, {IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)}},
	}
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		panic("localca: " + err.Error()) // crypto/rand does not fail
	}
	return n
}
