package receiver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
)

// shake shakes hands with a receiver that is reached over https.
func (p *play) shake(how string) outcome {
	switch how {
	case "chain":
		l, err := p.wire.dial(p.ctx, nil)
		if err != nil {
			return wrong("a certificate that is trusted, of this name and not expired, and TLS 1.2 or newer", "%v", distrust(err))
		}
		l.Close()
		return fine
	case "old":
		l, err := p.wire.dial(p.ctx, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
		if err != nil {
			return fine // refused, or there is nobody, of which the canary tells
		}
		l.Close()
		return wrong("TLS 1.0 and 1.1 to be refused", "a handshake with them")
	}
	return outcome{err: fmt.Errorf("%s shakes hands in the way %q, which is not known", p.check.ID, how)}
}

// distrust says why a certificate is not trusted.
func distrust(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "a certificate that has expired, or is not valid yet: " + invalid.Detail
	case errors.As(err, &name):
		return "a certificate of another name: " + name.Error()
	case errors.As(err, &unknown):
		return "a certificate that nobody trusts: " + unknown.Error()
	}
	return err.Error()
}

// untrusted reports whether somebody was there, and the handshake failed.
func untrusted(err error) bool {
	var refused *net.OpError
	return err != nil && !(errors.As(err, &refused) && refused.Op == "dial") && errors.Is(err, errHandshake)
}

var errHandshake = errors.New("tls handshake")
