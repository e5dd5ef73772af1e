package webhook

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"foliocast/frontend/store"
)

// loopback is where receivers of tests are.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// Expected: the special-purpose registries of IANA, https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry; RFC 6052 for NAT64, RFC 3056 for 6to4.
func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range strings.Fields(`127.0.0.1 127.8.8.8 ::1 0.0.0.0 :: 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 fe80::1 fe80::1%eth0 fc00::1 fd12::1
		224.0.0.1 ff02::1 255.255.255.255 240.0.0.1 100.64.0.1 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 0.1.2.3 ::ffff:127.0.0.1 ::ffff:10.0.0.1
		::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1::1 2001::1 2001:db8::1 fec0::1 100::1`) {
		if !(Policy{}).refused(netip.MustParseAddr(a)) {
			t.Errorf("%s is allowed", a)
		}
	}
	for _, a := range []string{"8.8.8.8", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "2a00:1450::1"} {
		if (Policy{}).refused(netip.MustParseAddr(a)) {
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
		"http://example.com":                 "FOLIOCAST_WEBHOOK_HTTP",
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
		"https://127.0.0.1/":                 "not a public address",
		"https://[::1]:8443/":                "not a public address",
		"https://169.254.169.254/latest":     "not a public address",
		"https://[::ffff:8.8.8.8]/":          "not a public address",
		"https://[64:ff9b::808:808]/":        "not a public address",
		"https://[fe80::1%25eth0]/":          "host that cannot be read",
		"https://example.com/\x00":           "such as https://",
		"https://" + strings.Repeat("a", 10): "",
	} {
		err := Policy{}.Check(address)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", address, err, want)
		}
	}
	if err := (Policy{HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).Check("http://127.0.0.1:8/x"); err != nil {
		t.Error(err)
	}
}

// inside is a server on a private address, which counts who reaches it.
func inside(t *testing.T) (address string, reached *atomic.Int64) {
	t.Helper()
	reached = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, reached
}

func target(address string) store.Target { return store.Target{URL: address, Secret: NewSecret()} }

// A name is judged by what it resolves to, at the connection.
func TestNamesOfPrivateAddresses(t *testing.T) {
	t.Parallel()
	address, reached := inside(t)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	names := nameServer(t, map[string][4]byte{"inside.example.": {127, 0, 0, 1}, "metadata.example.": {169, 254, 169, 254}, "home.example.": {192, 168, 1, 1}})
	s := NewSender(Policy{HTTP: true}, names)
	for _, host := range []string{"localhost", "inside.example", "metadata.example", "home.example", "127.0.0.1", "127.1", "2130706433", "0x7f.1"} {
		to := "http://" + host + ":" + port
		a := s.Send(t.Context(), target(to), "evt_1", "{}")
		if a.Error == "" || strings.Contains(a.Error, port) {
			t.Errorf("%s: got %+v", host, a)
		}
		if strings.Contains(host, "e") && !strings.Contains(a.Error, "not a public address") {
			t.Errorf("%s: got %q", host, a.Error)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d messages reached a private address", n)
	}
	allowed := NewSender(Policy{HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}, names)
	if a := allowed.Send(t.Context(), target("http://inside.example:"+port), "evt_1", "{}"); a.Error != "" || reached.Load() != 1 {
		t.Errorf("allowed: got %+v", a)
	}
}

// nameServer answers questions for addresses of IPv4.
func nameServer(t *testing.T, names map[string][4]byte) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if a, known := names[q.Name.String()]; known && q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: a}}}
			}
			if text, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(text, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	private, reached := inside(t)
	for _, to := range []string{private, "http://169.254.169.254/latest/meta-data", "https://example.com/"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			public := httptest.NewServer(http.RedirectHandler(to, status))
			policy := Policy{HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}} // so that the redirect itself is what is refused
			a := NewSender(policy, nil).Send(t.Context(), target(public.URL), "evt_1", "{}")
			public.Close()
			if a.Status != status || !strings.Contains(a.Error, "redirects are not followed") {
				t.Errorf("%d to %s: got %+v", status, to, a)
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

// The proxy of the environment would connect where the policy does not look.
func TestNoProxy(t *testing.T) {
	proxy, reached := inside(t)
	t.Setenv("HTTP_PROXY", proxy)
	t.Setenv("HTTPS_PROXY", proxy)
	NewSender(Policy{HTTP: true, Networks: loopback}, nameServer(t, nil)).Send(t.Context(), target("http://nobody.example/"), "evt_1", "{}")
	if n := reached.Load(); n != 0 {
		t.Error("a message went to the proxy")
	}
}
