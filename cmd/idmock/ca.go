package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/localca"
	"github.com/idmock/idmock/openapi"
)

// dataFlag says where what is kept from one start to the next is kept.
type dataFlag struct {
	DataDir string `help:"Where the local certificate authority is kept; empty is a folder of the user's own." placeholder:"DIR" type:"path"`
}

func (f dataFlag) dir() (string, error) {
	if f.DataDir != "" {
		return f.DataDir, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", verdict{exitUntested, fmt.Sprintf("nowhere to keep the local certificate authority: %v: name a folder with --data-dir", err)}
	}
	return filepath.Join(dir, "idmock"), nil
}

// authority opens the local certificate authority, or makes it.
func (f dataFlag) authority(providers []*openapi.Provider) (*localca.Authority, error) {
	dir, err := f.dir()
	if err != nil {
		return nil, err
	}
	a, err := localca.Open(dir, realHosts(providers))
	if err != nil {
		return nil, verdict{exitUntested, err.Error() + "\nChoose another folder with --data-dir, or make a new authority with idmock ca --new."}
	}
	return a, nil
}

// realHosts are the names of the providers' real hosts, scripts' included.
func realHosts(providers []*openapi.Provider) []string {
	var all []string
	for _, p := range providers {
		all = append(all, p.Hosts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

type caCmd struct {
	PEM    bool `name:"pem" env:"-" help:"Print the certificate alone."`
	New    bool `env:"-" help:"Make a new authority in place of the one that is there. The new one has to be trusted anew."`
	Remove bool `env:"-" help:"Remove the authority from this machine's disk."`
	dataFlag
	providerFlag
}

// Run prints where the local certificate authority is, and how to trust it and how to be rid of it.
func (c *caCmd) Run(e env) error {
	dir, err := c.dir()
	if err != nil {
		return err
	}
	if c.New || c.Remove {
		if err := localca.Remove(dir); err != nil {
			return verdict{exitUntested, err.Error()}
		}
	}
	if c.Remove {
		fmt.Fprintf(e.stdout, "removed from %s; who was told to trust it still does, until told otherwise\n", dir)
		return nil
	}
	providers, err := c.open()
	if err != nil {
		return err
	}
	a, err := c.authority(providers)
	if err != nil {
		return err
	}
	if c.PEM {
		_, err := e.stdout.Write(a.PEM())
		return err
	}
	hosts := realHosts(providers)
	missing := slices.DeleteFunc(slices.Clone(hosts), a.Covers)
	names := strings.Join(hosts, " ")
	_, err = strings.NewReplacer("{file}", a.File, "{name}", a.Name(), "{until}", a.Until().Format("2006-01-02"),
		"{private}", filepath.Join(filepath.Dir(a.File), "private"), "{hosts}", names, "{pem}", string(a.PEM())).WriteString(e.stdout, trust)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		fmt.Fprintf(e.stdout, "\nIt was made before these hosts were known, and is not for them: %s\nidmock ca --new makes one that is.\n", strings.Join(missing, " "))
	}
	return nil
}

const trust = `The local certificate authority of idmock, with which idmock serve --hosts answers for the real hosts.

certificate  {file}
name         {name}, until {until}
key          in {private}, readable by you alone; it never leaves this machine
good for     localhost and {hosts}

{pem}
To trust it, for one program:
  Node          NODE_EXTRA_CA_CERTS={file}
  Python        REQUESTS_CA_BUNDLE={file} SSL_CERT_FILE={file}
  Go, curl      SSL_CERT_FILE={file}; curl --cacert {file}
for a machine or a container:
  Debian        cp {file} /usr/local/share/ca-certificates/idmock.crt && update-ca-certificates
  macOS         security add-trusted-cert -d -r trustRoot -k ~/Library/Keychains/login.keychain-db {file}
  Chromium      certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n idmock -i {file}

To be rid of it: take it out where you put it in (update-ca-certificates --fresh, the keychain's entry "{name}",
certutil -d sql:$HOME/.pki/nssdb -D -n idmock), then idmock ca --remove.

Names lead here by a network alias, or by this line in /etc/hosts:
  127.0.0.1 {hosts}
`
