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

// dockerHost is the name under which a container reaches the machine that it runs on.
const dockerHost = "host.docker.internal"

// hint says what to do about a failure, or nothing if that is not plain.
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
			return fmt.Sprintf("it cannot be reached from %s; is that an address of this machine's, and %s on the same side of it? Loopback reaches loopback alone", m.From, host)
		}
		return fmt.Sprintf("there is no route to %s from here; check the address and the network", host)
	case ConnectTimeout:
		if p.securing {
			return fmt.Sprintf("%s took the connection but did not finish the TLS handshake; does it speak https on this port?", target.Host)
		}
		return fmt.Sprintf("%s does not answer; check the address and any firewall between", target.Host)
	case Timeout:
		return "the receiver was too slow; acknowledge first and do the work afterwards"
	case Malformed:
		if strings.Contains(a.Error, `\x15\x03`) { // a TLS alert
			return "the receiver speaks TLS on this port; use https://"
		}
	case Closed, Reset:
		if a.Response != nil {
			return "the receiver ended the connection in the middle of its reply; did it crash, or announce a wrong Content-Length?"
		}
		if p.reused {
			return "the receiver ended a connection that it had kept alive; did it restart or crash?"
		}
		return "the receiver took the connection and ended it without a reply; did it crash?"
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
		return fmt.Sprintf("nothing takes connections for %s; start the receiver on the host and let it listen on 0.0.0.0, not on 127.0.0.1 alone", target.Host)
	case s.container && peer.Addr().Unmap().IsLoopback():
		return fmt.Sprintf("nothing listens on %s, which is this container itself; for a receiver on the host register %s, or start the server with --webhook-rewrite %s=%s; for one in another container use its name",
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
		return "the name exists only inside containers; use localhost"
	case !strings.Contains(host, "."):
		return fmt.Sprintf("%s has no address here; is it a container's name, and is that container up and in the same network?", host)
	default:
		return fmt.Sprintf("%s has no address here; check its spelling and the machine's DNS", host)
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
		return "the receiver speaks plain HTTP on this port; use http://"
	case errors.As(err, &unknown):
		return "nobody trusted here has signed the receiver's certificate; name its CA in SSL_CERT_FILE, or use http:// for a local receiver"
	case errors.As(err, &hostname):
		return "the receiver's certificate is for another name; use a name that it holds"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the receiver's certificate is out of date; renew it, or set this machine's clock right"
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
		return "give the receiver a loopback, private or public address"
	default:
		return "strict targets are public addresses only; allow others with --targets"
	}
}

func urlHint(raw string) string {
	if !strings.Contains(raw, "://") {
		return "write the URL in full, as in http://127.0.0.1:3000/webhook"
	}
	return "correct the URL; it looks like http://127.0.0.1:3000/webhook"
}
