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

	"foliocast/frontend/egress"
	"foliocast/frontend/store"
)

// loopback is where receivers of tests are.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

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
	s := NewSender(egress.Policy{HTTP: true}, names)
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
	allowed := NewSender(egress.Policy{HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}, names)
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
			policy := egress.Policy{HTTP: true, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}} // so that the redirect itself is what is refused
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
	NewSender(egress.Policy{HTTP: true, Networks: loopback}, nameServer(t, nil)).Send(t.Context(), target("http://nobody.example/"), "evt_1", "{}")
	if n := reached.Load(); n != 0 {
		t.Error("a message went to the proxy")
	}
}
