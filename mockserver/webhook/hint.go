package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// dockerHost is the name of the host machine inside a container.
const dockerHost = "host.docker.internal"

// hint suggests a fix for a failure; empty if there is none.
func (s *Sender) hint(a *Attempt, m Message, err error, p progress) string {
	target, parseErr := url.Parse(m.URL)
	if parseErr != nil {
		return urlHint(m.URL)
	}
	host := target.Hostname()
	switch a.Class {
	case Refused:
		return s.refusedHint(target, err)
	case DNS:
		return s.lookupHint(host)
	case TLS:
		return tlsHint(err)
	case Blocked:
		return blockedHint(err)
	case Unreachable:
		if m.From.IsValid() {
			return fmt.Sprintf("the target cannot be reached from %s; use an address of this machine on the network of %s (loopback reaches only loopback)", m.From, host)
		}
		return fmt.Sprintf("no route to %s; check the address and the network", host)
	case ConnectTimeout:
		if p.securing {
			return fmt.Sprintf("%s accepted the connection but did not finish the TLS handshake; check that it serves https on this port", target.Host)
		}
		return fmt.Sprintf("%s does not respond; check the address and firewalls", target.Host)
	case Timeout:
		return "the receiver is too slow; respond first and process the webhook afterwards"
	case Malformed:
		if strings.Contains(a.Error, `\x15\x03`) { // a TLS alert
			return "the receiver serves TLS on this port; use https://"
		}
	case Closed, Reset:
		if a.Response != nil {
			return "the receiver closed the connection in the middle of its response; check for a crash or a wrong Content-Length"
		}
		if p.reused {
			return "the receiver closed a kept-alive connection; check for a restart or crash"
		}
		return "the receiver closed the connection without a response; check for a crash"
	}
	return ""
}

func (s *Sender) refusedHint(target *url.URL, err error) string {
	address := target.Host
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		address = op.Addr.String()
	}
	peer, _ := netip.ParseAddrPort(address)
	switch {
	case target.Hostname() == dockerHost:
		return fmt.Sprintf("nothing accepts connections at %s; start the receiver on the host and listen on 0.0.0.0, not on 127.0.0.1 only", target.Host)
	case s.container && peer.Addr().Unmap().IsLoopback():
		return fmt.Sprintf("nothing listens on %s, which is this container itself; for a receiver on the host, register %s or start the server with --webhook-rewrite %s=%s; for one in another container, use its name",
			address, dockerHost+portOf(target), target.Hostname(), dockerHost)
	default:
		return fmt.Sprintf("nothing listens on %s; start the receiver or change the URL", address)
	}
}

func portOf(u *url.URL) string {
	if u.Port() == "" {
		return ""
	}
	return ":" + u.Port()
}

func (s *Sender) lookupHint(host string) string {
	switch {
	case host == dockerHost && s.container:
		return "start the container with --add-host=" + dockerHost + ":host-gateway"
	case host == dockerHost:
		return "this name exists only inside containers; use localhost"
	case !strings.Contains(host, "."):
		return fmt.Sprintf("%s has no address; if it is the name of a container, check that it runs and is on the same network", host)
	default:
		return fmt.Sprintf("%s has no address; check its spelling and this machine's DNS", host)
	}
}

func tlsHint(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return "the receiver serves plain HTTP on this port; use http://"
	case errors.As(err, &unknown):
		return "the receiver's certificate is not signed by a trusted CA; set SSL_CERT_FILE to its CA, or use http:// for a local receiver"
	case errors.As(err, &hostname):
		return "the receiver's certificate is for another name; use one of its names"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the receiver's certificate has expired; renew it, or correct this machine's clock"
	}
	return ""
}

func blockedHint(err error) string {
	var blocked *BlockedError
	if !errors.As(err, &blocked) {
		return ""
	}
	switch blocked.Reason {
	case "unspecified":
		return "use 127.0.0.1 instead"
	case "link-local", "metadata", "multicast", "broadcast":
		return "use a loopback, private or public address for the receiver"
	default:
		return "strict targets must be public addresses; allow others with --targets"
	}
}

func urlHint(raw string) string {
	if !strings.Contains(raw, "://") {
		return "use a complete URL such as http://127.0.0.1:3000/webhook"
	}
	return "use a URL such as http://127.0.0.1:3000/webhook"
}
