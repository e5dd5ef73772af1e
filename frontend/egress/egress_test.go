package egress

import (
	"net/netip"
	"strings"
	"testing"
)

var public = Policy{Settings: "FOLIOCAST_TEST"}

// Expected: the special-purpose registries of IANA, https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry; RFC 6052 for NAT64, RFC 3056 for 6to4.
func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range strings.Fields(`127.0.0.1 127.8.8.8 ::1 0.0.0.0 :: 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 fe80::1 fe80::1%eth0 fc00::1 fd12::1
		224.0.0.1 ff02::1 255.255.255.255 240.0.0.1 100.64.0.1 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 0.1.2.3 ::ffff:127.0.0.1 ::ffff:10.0.0.1
		::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1::1 2001::1 2001:db8::1 fec0::1 100::1`) {
		if !public.refused(netip.MustParseAddr(a)) {
			t.Errorf("%s is allowed", a)
		}
	}
	for _, a := range []string{"8.8.8.8", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "2a00:1450::1"} {
		if public.refused(netip.MustParseAddr(a)) {
			t.Errorf("%s is refused", a)
		}
	}
	some := Policy{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd12::/16")}}
	for a, refused := range map[string]bool{"10.1.2.3": false, "::ffff:10.1.2.3": false, "10.2.0.1": true, "fd12::1": false, "127.0.0.1": true} {
		if some.refused(netip.MustParseAddr(a)) != refused {
			t.Errorf("%s: refused should be %t", a, refused)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://example.com/x?y=1":          "",
		"https://example.com:65535":          "",
		"https://8.8.8.8/":                   "",
		"http://example.com":                 "FOLIOCAST_TEST_HTTP",
		"ftp://example.com":                  "https://",
		"file:///etc/passwd":                 "such as https://",
		"https:example.com":                  "such as https://",
		"https://":                           "such as https://",
		"//example.com":                      "https://",
		"":                                   "such as https://",
		"https://a:b@example.com":            "user name",
		"https://example.com#x":              "fragment",
		"https://example.com:0":              "port",
		"https://example.com:65536":          "port",
		"https://example.com:":               "port",
		"https://exa mple.com":               "such as https://",
		"https://127.0.0.1/":                 "FOLIOCAST_TEST_NETWORKS",
		"https://[::1]:8443/":                "not a public address",
		"https://169.254.169.254/latest":     "not a public address",
		"https://[::ffff:8.8.8.8]/":          "not a public address",
		"https://[64:ff9b::808:808]/":        "not a public address",
		"https://[fe80::1%25eth0]/":          "host that cannot be read",
		"https://example.com/\x00":           "such as https://",
		"https://" + strings.Repeat("a", 10): "",
	} {
		err := public.Check(address)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", address, err, want)
		}
	}
	if err := (Policy{HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).Check("http://127.0.0.1:8/x"); err != nil {
		t.Error(err)
	}
}
