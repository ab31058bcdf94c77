package localca

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// Instructions writes how to trust the authority, how to remove it, and how to resolve these hosts to this machine.
func (a *Authority) Instructions(w io.Writer, hosts []string) error {
	_, err := strings.NewReplacer(
		"{file}", a.File,
		"{name}", a.Name(),
		"{expires}", a.Expires().Format(time.DateOnly),
		"{private}", filepath.Join(filepath.Dir(a.File), keyDir),
		"{hosts}", strings.Join(hosts, " "),
		"{pem}", string(a.PEM()),
	).WriteString(w, instructions)
	if missing := a.Missing(hosts); err == nil && len(missing) > 0 {
		_, err = fmt.Fprintf(w, "\nThis authority does not cover these hosts, which were added later: %s\nCreate a new one with idmock ca --new.\n", strings.Join(missing, " "))
	}
	return err
}

const instructions = `Local certificate authority of idmock. idmock serve --hosts serves the providers' real host names with its certificates.

certificate  {file}
name         {name}, valid until {expires}
key          in {private}, readable by you alone; it never leaves this machine
valid for    localhost and {hosts}

{pem}
Trust it in one program:
  Node          NODE_EXTRA_CA_CERTS={file}
  Python        REQUESTS_CA_BUNDLE={file} SSL_CERT_FILE={file}
  Go, curl      SSL_CERT_FILE={file}; curl --cacert {file}
or on a machine or in a container:
  Debian        cp {file} /usr/local/share/ca-certificates/idmock.crt && update-ca-certificates
  macOS         security add-trusted-cert -d -r trustRoot -k ~/Library/Keychains/login.keychain-db {file}
  Chromium      certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n idmock -i {file}

To stop trusting it, remove it where you added it (update-ca-certificates --fresh, the keychain entry "{name}",
certutil -d sql:$HOME/.pki/nssdb -D -n idmock), then run idmock ca --remove.

Resolve the host names to this machine with a network alias, or with this line in /etc/hosts:
  127.0.0.1 {hosts}
`
