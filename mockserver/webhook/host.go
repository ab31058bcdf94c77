package webhook

import (
	"net/netip"
	"strconv"
	"strings"
)

// Host returns a *[BlockedError] if the host of a URL is a forbidden address: localhost, or an address in any notation
// that systems accept. Other names are checked when an attempt resolves them.
func (p Policy) Host(host string) error {
	addr, ok := literal(host)
	if !ok {
		return nil
	}
	return p.Check(addr)
}

// literal parses a host that is an address or localhost.
func literal(host string) (netip.Addr, bool) {
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr, true
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761, 6.3
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	return shortIPv4(host)
}

// shortIPv4 parses an IPv4 address like inet_aton(3) and browsers: one to four decimal, octal or hexadecimal numbers, of
// which the last one fills the remaining bytes.
func shortIPv4(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var address uint64
	for i, part := range parts {
		base := 10
		switch {
		case strings.HasPrefix(part, "0x"):
			part, base = part[2:], 16
		case len(part) > 1 && part[0] == '0':
			part, base = part[1:], 8
		}
		if base == 16 && part == "" {
			part = "0"
		}
		size := 8
		if i == len(parts)-1 {
			size = 8 * (5 - len(parts))
		}
		n, err := strconv.ParseUint(part, base, size)
		if err != nil {
			return netip.Addr{}, false
		}
		address = address<<size | n
	}
	return netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}), true
}
