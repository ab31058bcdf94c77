package main

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"syscall"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/webhook"
)

// credentialFlag gives an account's credentials, where somebody has to know them before the account is there.
type credentialFlag struct {
	Credential    map[string]string `help:"Give every account this credential instead of a derived one: the key with which your receiver checks signatures." placeholder:"PROVIDER.NAME=VALUE"`
	WebhookHeader []string          `help:"Send this header with every webhook: what your receiver knows the sender by where the provider signs nothing. Can be repeated." placeholder:"NAME:VALUE" sep:"none"`
}

// byProvider sorts the credentials by provider and name.
func (f credentialFlag) byProvider() (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for key, value := range f.Credential {
		provider, name, ok := strings.Cut(key, ".")
		if !ok {
			return nil, fmt.Errorf("--credential %s=…: want PROVIDER.NAME=VALUE", key)
		}
		if all[provider] == nil {
			all[provider] = map[string]string{}
		}
		all[provider][name] = value
	}
	return all, nil
}

// headers reads the header lines of webhooks.
func (f credentialFlag) headers() ([]webhook.Header, error) {
	var lines []webhook.Header
	for _, line := range f.WebhookHeader {
		name, value, ok := strings.Cut(line, ":")
		if !ok || !headerName.MatchString(name) {
			return nil, fmt.Errorf("--webhook-header %q: want NAME:VALUE, such as 'Authorization: Bearer s3cret'", line)
		}
		lines = append(lines, webhook.Header{name, strings.TrimSpace(value)})
	}
	return lines, nil
}

// headerName is what RFC 9110 calls a token.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// listen makes a server that has its address. What keeps it from that is the user's to put right.
func listen(c mockserver.Config) (*mockserver.Server, error) {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return nil, verdict{exitUntested, fmt.Sprintf("--addr %q is no address: write it as HOST:PORT, such as 127.0.0.1:8080", c.Addr)}
	}
	server, err := mockserver.New(c)
	var failed *net.OpError
	switch {
	case err == nil:
		return server, nil
	case errors.Is(err, mockserver.ErrHosts):
		hint := "choose another port, which names and networks have to lead to"
		if errors.Is(err, syscall.EACCES) {
			hint = "port 443 is for root, unless sysctl net.ipv4.ip_unprivileged_port_start says otherwise; containers may use it"
		}
		return nil, verdict{exitUntested, fmt.Sprintf("--hosts-addr %s: %v: %s", c.HostsAddr, err, hint)}
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, verdict{exitUntested, fmt.Sprintf("--addr %s: another program listens there: stop it, or choose another port; port 0 picks a free one", c.Addr)}
	case errors.As(err, &failed) && failed.Op == "listen":
		return nil, verdict{exitUntested, fmt.Sprintf("--addr %s: %v: choose an address of this machine", c.Addr, failed.Err)}
	default:
		return nil, verdict{exitUntested, err.Error()}
	}
}
