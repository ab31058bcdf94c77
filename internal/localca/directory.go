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
	"runtime"
	"time"

	"github.com/idmock/idmock/internal/wholefile"
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
		if a, err = createOrRead(dir, hosts); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fmt.Errorf("certificate authority in %s: %w", dir, err)
	}
	return a, nil
}

// createOrRead creates an authority, unless another process has done so meanwhile.
func createOrRead(dir string, hosts []string) (*Authority, error) {
	unlock, err := lock(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	a, err := read(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	if _, statErr := os.Stat(filepath.Join(dir, certFile)); statErr == nil {
		return nil, fmt.Errorf("certificate authority in %s: %s has no key in %s: restore it, or create a new authority", dir, certFile, filepath.Join(keyDir, keyFile))
	}
	if err := create(dir, hosts); err != nil {
		return nil, fmt.Errorf("create a certificate authority in %s: %w", dir, err)
	}
	return read(dir)
}

const (
	lockFile = "lock"
	lockWait = 10 * time.Second
	lockAge  = time.Minute // of a lock whose process has died
)

// lock keeps other processes from creating an authority in a directory, which it creates.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("create a certificate authority in %s: %w", dir, err)
	}
	file := filepath.Join(dir, lockFile)
	for end := time.Now().Add(lockWait); ; time.Sleep(20 * time.Millisecond) {
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			_ = f.Close()
			return func() { _ = os.Remove(file) }, nil // or it is old soon
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("create a certificate authority in %s: %w", dir, err)
		}
		if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > lockAge {
			_ = os.Remove(file)
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("another process creates the certificate authority in %s: try again, or delete %s if none does", dir, file)
		}
	}
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
	if err := checkModes(dir); err != nil {
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

// checkModes returns an error if users other than the owner can read or replace the key: the certificate's trust would be theirs.
func checkModes(dir string) error {
	if runtime.GOOS == "windows" { // has no modes
		return nil
	}
	for _, file := range []string{filepath.Join(dir, keyDir, keyFile), filepath.Join(dir, keyDir)} {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			return fmt.Errorf("%s can be used by other users (mode %04o): run chmod go-rwx %s, and create a new authority if others had access", file, mode, filepath.Join(dir, keyDir))
		}
	}
	return nil
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
	// The key comes last: an authority whose key exists is complete.
	if err := writeBlock(filepath.Join(dir, certFile), certBlock, cert, 0o644); err != nil {
		return err
	}
	return writeBlock(filepath.Join(dir, keyDir, keyFile), keyBlock, private, 0o600)
}

// writeBlock creates a file as a whole, or not at all.
func writeBlock(file, kind string, data []byte, mode fs.FileMode) error {
	return wholefile.Write(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}), mode)
}
