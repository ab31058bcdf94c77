package webhook

import (
	"errors"
	"net/netip"
	"testing"
)

func TestSecurityPolicy(t *testing.T) {
	const never, strict, fine = "never", "strict", "fine" // never allowed, blocked by Strict only, always allowed
	tests := []struct{ addr, want, reason string }{
		{"127.0.0.1", strict, "loopback"},
		{"127.8.9.1", strict, "loopback"},
		{"::1", strict, "loopback"},
		{"::ffff:127.0.0.1", strict, "loopback"},
		{"10.1.2.3", strict, "private"},
		{"172.16.0.1", strict, "private"},
		{"172.32.0.1", fine, ""},
		{"192.168.65.254", strict, "private"},
		{"::ffff:192.168.1.1", strict, "private"},
		{"fd12:3456::1", strict, "private"},
		{"100.64.0.1", strict, "shared"},
		{"198.18.0.1", strict, "benchmarking"},
		{"203.0.113.9", strict, "documentation"},
		{"2001:db8::1", strict, "documentation"},
		{"240.0.0.1", strict, "reserved"},
		{"fec0::1", strict, "site-local"},
		{"169.254.169.254", never, "metadata"},
		{"::ffff:169.254.169.254", never, "metadata"},
		{"64:ff9b::a9fe:a9fe", never, "metadata"},
		{"2002:a9fe:a9fe::1", never, "metadata"},
		{"fd00:ec2::254", never, "metadata"},
		{"fd20:ce::254", never, "metadata"},
		{"169.254.0.1", never, "link-local"},
		{"::ffff:169.254.1.1", never, "link-local"},
		{"fe80::1", never, "link-local"},
		{"fe80::1%eth0", never, "link-local"},
		{"febf::1", never, "link-local"},
		{"0.0.0.0", never, "unspecified"},
		{"0.1.2.3", never, "unspecified"},
		{"::", never, "unspecified"},
		{"::ffff:0.0.0.0", never, "unspecified"},
		{"224.0.0.1", never, "multicast"},
		{"ff02::1", never, "multicast"},
		{"255.255.255.255", never, "broadcast"},
		{"8.8.8.8", fine, ""},
		{"64:ff9b::808:808", fine, ""},
		{"2606:4700::1111", fine, ""},
	}
	for _, tt := range tests {
		addr := netip.MustParseAddr(tt.addr)
		for _, p := range []Policy{{}, {Strict: true}} {
			err := p.Check(addr)
			want := tt.want == never || tt.want == strict && p.Strict
			if (err != nil) != want {
				t.Errorf("%+v.Check(%s) = %v, want %s", p, addr, err, tt.want)
			}
			var blocked *BlockedError
			if err != nil && (!errors.As(err, &blocked) || blocked.Reason != tt.reason) {
				t.Errorf("%+v.Check(%s) = %v, want reason %q", p, addr, err, tt.reason)
			}
		}
	}
}

func TestPolicyControl(t *testing.T) {
	for address, ok := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "[fe80::1%lo]:80": false, "169.254.169.254:80": false, "nonsense": false} {
		if err := (Policy{}).control(t.Context(), "tcp", address, nil); (err == nil) != ok {
			t.Errorf("control(%q) = %v", address, err)
		}
	}
}
