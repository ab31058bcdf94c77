package webhook

import (
	"errors"
	"testing"
)

func TestPolicyHost(t *testing.T) {
	for host, reason := range map[string]string{
		"127.0.0.1": "loopback", "127.1": "loopback", "127.0.1": "loopback", "2130706433": "loopback", "0x7f000001": "loopback",
		"0x7F.0.0.1": "loopback", "0177.0.0.1": "loopback", "017700000001": "loopback", "127.0.0.1.": "loopback", "0x7f.1": "loopback",
		"localhost": "loopback", "LOCALHOST": "loopback", "localhost.": "loopback", "app.localhost": "loopback",
		"10.1": "private", "0300.0250.1": "private", "3232235777": "private",
		"[::1]": "loopback", "::1": "loopback", "[::ffff:127.0.0.1]": "loopback", "[::ffff:7f00:1]": "loopback", "[::127.0.0.1]": "loopback",
		"[fd12:3456::1]": "private", "[fe80::1%25lo]": "link-local", "[64:ff9b::7f00:1]": "loopback", "[2002:a00:1::]": "private",
		"[2001:0:4136:e378:8000:63bf:80ff:fffe]": "teredo", "[64:ff9b:1::1]": "private",
		"169.254.169.254": "metadata", "0xa9fea9fe": "metadata", "0": "unspecified", "0x": "unspecified",

		"example.com": "", "127.0.0.1.example.com": "", "localhost.example.com": "", "8.8.8.8": "", "134744072": "", "1.2.3.4.5": "",
		"256.0.0.1": "", "4294967296": "", "09.0.0.1": "", "a": "", "": "", "0xg": "", "-1": "", "+1": "", "1_0": "", "[2606:4700::1111]": "",
	} {
		err := Policy{Strict: true}.Host(host)
		var blocked *BlockedError
		if errors.As(err, &blocked) != (reason != "") || blocked != nil && blocked.Reason != reason {
			t.Errorf("Host(%q) = %v, want %q", host, err, reason)
		}
	}
	for host, allowed := range map[string]bool{"127.1": true, "localhost": true, "10.1": true, "[::1]": true, "0xa9fea9fe": false, "[fe80::1]": false} {
		if err := (Policy{}).Host(host); (err == nil) != allowed {
			t.Errorf("not strict, Host(%q) = %v", host, err)
		}
	}
}
