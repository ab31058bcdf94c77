package localca

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Files of an authority, relative to its directory.
const (
	certFile = "ca.pem"
	keyDir   = "private"
	keyFile  = "ca-key.pem"
)

// PEM block types.
const (
	certBlock = "CERTIFICATE"
	keyBlock  = "EC PRIVATE KEY"
)

// Open reads the authority in a directory. If there is none, it creates one for localhost and these hosts.
func Open(dir string, hosts []string) (*Authority, error) {
	a, err := read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(dir, hosts); err != nil && !errors.Is(err, fs.ErrExist) { // another process was faster
			return nil, fmt.Errorf("create a certificate authority in %s: %w", dir, err)
		}
		a, err = read(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("certificate authority in %s: %w", dir, err)
	}
	return a, nil
}

// Remove deletes the authority in a directory, if there is one.
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
	key, err := readBlock(filepath.Join(dir, keyDir, keyFile), keyBlock)
	if err != nil {
		return nil, err
	}
	if a.key, err = x509.ParseECPrivateKey(key); err != nil {
		return nil, err
	}
	cert, err := readBlock(a.File, certBlock)
	if err != nil {
		return nil, err
	}
	if a.cert, err = x509.ParseCertificate(cert); err != nil {
		return nil, err
	}
	switch {
	case !a.key.PublicKey.Equal(a.cert.PublicKey):
		return nil, fmt.Errorf("%s does not match the key beside it: create a new authority", a.File)
	case time.Now().After(a.cert.NotAfter):
		return nil, fmt.Errorf("%s expired on %s: create a new authority", a.File, a.cert.NotAfter.Format(time.DateOnly))
	}
	return a, nil
}

func readBlock(file, kind string) ([]byte, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	b, _ := pem.Decode(src)
	if b == nil || b.Type != kind {
		return nil, fmt.Errorf("%s contains no %s", file, kind)
	}
	return b.Bytes, nil
}

func create(dir string, hosts []string) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	machine, err := os.Hostname()
	if err != nil {
		machine = "this machine"
	}
	template := authorityTemplate(machine, hosts, time.Now())
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
	// The certificate comes first: it is created exclusively, and a key without it would be unreadable for good.
	if err := writeBlock(filepath.Join(dir, certFile), certBlock, cert, 0o644); err != nil {
		return err
	}
	return writeBlock(filepath.Join(dir, keyDir, keyFile), keyBlock, private, 0o600)
}

// writeBlock creates a file. The error is fs.ErrExist if it exists.
func writeBlock(file, kind string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	return errors.Join(pem.Encode(f, &pem.Block{Type: kind, Bytes: data}), f.Close())
}
