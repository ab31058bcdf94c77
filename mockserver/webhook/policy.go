package webhook

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// Policy restricts the addresses that attempts connect to. It checks the resolved address just before connecting, so that
// a host name cannot lead to a forbidden address.
//
// Link-local, metadata, unspecified, multicast and broadcast addresses are always forbidden. The zero value allows all
// others, since applications under test run on loopback or in a private network.
type Policy struct {
	// Strict allows public addresses only, like a real provider on the internet. A name with any other address is
	// blocked, because which of its addresses is used is unpredictable.
	Strict bool
}

// BlockedError reports an address forbidden by a Policy.
type BlockedError struct {
	Addr   netip.Addr
	Reason string // kind of address, such as "link-local"
}

func (e *BlockedError) Error() string {
	article := "a"
	if strings.ContainsAny(e.Reason[:min(1, len(e.Reason))], "aeiou") {
		article = "an"
	}
	return fmt.Sprintf("%s is %s %s address, which is not allowed as a target", e.Addr, article, e.Reason)
}

// Check returns a *BlockedError for a forbidden address. An IPv4 address embedded in IPv6 (mapped, compatible, NAT64,
// SIIT, 6to4) is checked as the IPv4 address that packets are sent to.
func (p Policy) Check(addr netip.Addr) error {
	addr = embedded(addr.Unmap().WithZone(""))
	if reason := alwaysBlocked(addr); reason != "" {
		return &BlockedError{addr, reason}
	}
	if p.Strict {
		if reason := internal(addr); reason != "" {
			return &BlockedError{addr, reason}
		}
	}
	return nil
}

// control implements the ControlContext of a net.Dialer.
func (p Policy) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("check target %q: %w", address, err)
	}
	return p.Check(target.Addr())
}

// checkName returns a *BlockedError if a host name has a forbidden address, and nil if it has no address.
func (p Policy) checkName(ctx context.Context, resolver *net.Resolver, address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("check target %q: %w", address, err)
	}
	// Without the attempt's trace, which would record connections to name servers.
	untraced, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	addrs, err := resolver.LookupNetIP(untraced, "ip", host)
	if err != nil {
		return nil // the dialer reports it
	}
	for _, addr := range addrs {
		if err := p.Check(addr); err != nil {
			return err
		}
	}
	return nil
}

type network struct {
	netip.Prefix
	name string
}

func in(addr netip.Addr, networks ...network) string {
	for _, n := range networks {
		if n.Contains(addr) {
			return n.name
		}
	}
	return ""
}

func net4(a, b, c, d byte, bits int, name string) network {
	return network{netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, c, d}), bits), name}
}

func net6(s, name string) network { return network{netip.MustParsePrefix(s), name} }

// alwaysBlocked returns the kind of an address that every policy forbids.
func alwaysBlocked(addr netip.Addr) string {
	switch {
	case addr.IsUnspecified():
		return "unspecified"
	case addr.IsMulticast():
		return "multicast"
	case addr.Is4():
		// Metadata services of clouds. 169.254.169.254 is link-local, but listed for its error text.
		return in(addr,
			net4(169, 254, 169, 254, 32, "metadata"),
			net4(100, 100, 100, 200, 32, "metadata"),
			net4(168, 63, 129, 16, 32, "metadata"),
			net4(169, 254, 0, 0, 16, "link-local"),
			net4(0, 0, 0, 0, 8, "unspecified"),
			net4(255, 255, 255, 255, 32, "broadcast"))
	case addr.IsLinkLocalUnicast():
		return "link-local"
	default:
		return in(addr, net6("fd00:ec2::254/128", "metadata"), net6("fd20:ce::254/128", "metadata"))
	}
}

// internal returns the kind of an address outside the public internet (IANA special-purpose registries).
func internal(addr netip.Addr) string {
	switch {
	case addr.IsLoopback():
		return "loopback"
	case addr.IsPrivate():
		return "private"
	case addr.Is4():
		return in(addr,
			net4(100, 64, 0, 0, 10, "shared"),
			net4(192, 0, 0, 0, 24, "reserved"),
			net4(192, 88, 99, 0, 24, "reserved"),
			net4(192, 0, 2, 0, 24, "documentation"),
			net4(198, 18, 0, 0, 15, "benchmarking"),
			net4(198, 51, 100, 0, 24, "documentation"),
			net4(203, 0, 113, 0, 24, "documentation"),
			net4(240, 0, 0, 0, 4, "reserved"))
	default:
		return in(addr, net6("2001:db8::/32", "documentation"), net6("3fff::/20", "documentation"), net6("fec0::/10", "site-local"),
			net6("64:ff9b:1::/48", "private"), net6("2001::/32", "teredo"), net6("100::/64", "discard-only"),
			net6("100:0:0:1::/64", "dummy"), net6("2001:2::/48", "benchmarking"), net6("2001:10::/28", "orchid"), net6("2001:20::/28", "orchid"),
			net6("2001::/23", "reserved"), net6("5f00::/16", "segment-routing"))
	}
}

// embedded returns the IPv4 address embedded in a translated IPv6 address, or addr itself.
func embedded(addr netip.Addr) netip.Addr {
	b := addr.As16()
	switch {
	case !addr.Is6():
		return addr
	case addr != netip.IPv6Unspecified() && addr != netip.IPv6Loopback() && net6("::/96", "").Contains(addr),
		net6("64:ff9b::/96", "").Contains(addr), net6("::ffff:0:0:0/96", "").Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case net6("2002::/16", "").Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return addr
}
