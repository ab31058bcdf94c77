package webhook

import (
	"net/netip"
	"strconv"
	"strings"
)

// Host returns a *[BlockedError] if the host of a URL is, without a look-up, an address that may not be called: one that
// is written out, in any of the spellings that systems take for an address, or localhost. Any other name is judged by
// what it resolves to, when it is called.
func (p Policy) Host(host string) error {
	addr, ok := literal(host)
	if !ok {
		return nil
	}
	return p.Check(addr)
}

// literal reads a host that says by itself which address it is.
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

// shortIPv4 reads an IPv4 address as inet_aton(3) does, and browsers: of one to four numbers, decimal, octal or
// hexadecimal, of which the last fills what is left.
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
