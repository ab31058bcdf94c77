package wire

import (
	"crypto/x509"
	"errors"
	"net"
)

var errHandshake = errors.New("tls handshake")

// Distrust describes why a certificate is not trusted.
func Distrust(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "a certificate that is expired or not yet valid: " + invalid.Detail
	case errors.As(err, &name):
		return "a certificate for another name: " + name.Error()
	case errors.As(err, &unknown):
		return "a certificate of an unknown authority: " + unknown.Error()
	}
	return err.Error()
}

// Untrusted reports whether an error of Dial is a failed TLS handshake, rather than a failed connection.
func Untrusted(err error) bool {
	var refused *net.OpError
	return err != nil && !(errors.As(err, &refused) && refused.Op == "dial") && errors.Is(err, errHandshake)
}
