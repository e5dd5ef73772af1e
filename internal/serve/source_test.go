package serve

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"foliocast/internal/serve/servetest"
)

func TestSourceIsTheFirstUntrustedAddressFromTheRight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, trusted, peer string
		headers             []string
		want                string
	}{
		{"no proxy is trusted", "", "10.0.0.1:5", []string{"1.1.1.1"}, "10.0.0.1"},
		{"the peer is no proxy", "10.0.0.0/8", "192.0.2.1:5", []string{"1.1.1.1"}, "192.0.2.1"},
		{"one proxy", "10.0.0.0/8", "10.0.0.1:5", []string{"1.1.1.1"}, "1.1.1.1"},
		{"an address without a mask", "10.0.0.1", "10.0.0.1:5", []string{"1.1.1.1"}, "1.1.1.1"},
		{"the client made entries up", "10.0.0.0/8", "10.0.0.1:5", []string{"9.9.9.9, 1.1.1.1"}, "1.1.1.1"},
		{"the client made a line up", "10.0.0.0/8", "10.0.0.1:5", []string{"9.9.9.9", "1.1.1.1"}, "1.1.1.1"},
		{"two proxies", "10.0.0.0/8,192.0.2.0/24", "10.0.0.1:5", []string{"9.9.9.9,1.1.1.1 , 192.0.2.7"}, "1.1.1.1"},
		{"only proxies", "10.0.0.0/8", "10.0.0.1:5", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"no header", "10.0.0.0/8", "10.0.0.1:5", nil, "10.0.0.1"},
		{"no address", "10.0.0.0/8", "10.0.0.1:5", []string{"1.1.1.1, unknown"}, "10.0.0.1"},
		{"with a port", "10.0.0.0/8", "10.0.0.1:5", []string{"1.1.1.1:80"}, "1.1.1.1"},
		{"IPv6 with a port", "10.0.0.0/8", "10.0.0.1:5", []string{"[2001:db8::1]:80"}, "2001:db8::1"},
		{"IPv6", "fd00::/8", "[fd00::1]:5", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv4 as IPv6", "10.0.0.0/8", "[::ffff:10.0.0.1]:5", []string{"::ffff:1.1.1.1"}, "1.1.1.1"},
		{"a network of IPv4 as IPv6", "::ffff:10.0.0.0/104", "10.0.0.1:5", []string{"1.1.1.1"}, "1.1.1.1"},
		{"a proxy of IPv4 as IPv6", "::ffff:10.0.0.1", "10.0.0.1:5", []string{"1.1.1.1"}, "1.1.1.1"},
		{"too many entries", "10.0.0.0/8", "10.0.0.1:5", []string{"1.1.1.1" + strings.Repeat(",10.0.0.2", 100)}, "10.0.0.2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var p Proxies
			if err := p.UnmarshalText([]byte(c.trusted)); err != nil {
				t.Fatal(err)
			}
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.headers, "Forwarded": {"for=9.9.9.9"}}}
			if got := p.source(r); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestProxiesAreNetworksOrAddresses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"proxy.example", "10.0.0.0/33", "10.0.0.1;10.0.0.2"} {
		if err := new(Proxies).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzSource(f *testing.F) {
	f.Add("1.1.1.1, 10.0.0.2")
	f.Add("[::1]:x,,")
	f.Fuzz(func(t *testing.T, header string) {
		var p Proxies
		if err := p.UnmarshalText([]byte("10.0.0.0/8")); err != nil {
			t.Fatal(err)
		}
		r := &http.Request{RemoteAddr: "192.0.2.1:5", Header: http.Header{"X-Forwarded-For": {header}}}
		if got := p.source(r); got != "192.0.2.1" {
			t.Errorf("a stranger's header makes the source %s", got)
		}
		r.RemoteAddr = "10.0.0.1:5"
		if got := p.source(r); got == "" {
			t.Error("the source is empty")
		}
	})
}

// Two clients behind one proxy have a rate each, and the log names them.
func TestClientsBehindAProxyAreApart(t *testing.T) {
	t.Parallel()
	log := &servetest.Log{}
	var proxies Proxies
	if err := proxies.UnmarshalText([]byte("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	d := NewDoor(Config{Name: "test", Log: log.Logger(), RateLimit: 1, Proxies: proxies})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	get := func(client string) int {
		resp, _ := servetest.Send(t, "GET", server.URL+"/healthz", nil, "X-Forwarded-For", client)
		return resp.StatusCode
	}
	network := 0
	servetest.Until(t, "one client is limited", func() bool { return get("192.0.2.1") == http.StatusTooManyRequests })
	if status := get("192.0.2.2"); status != http.StatusOK {
		t.Errorf("the other client gets %d", status)
	}
	servetest.Until(t, "a network of IPv6 is limited as one client", func() bool {
		network++
		return get(fmt.Sprintf("2001:db8:1:%x::1", network)) == http.StatusTooManyRequests
	})
	servetest.Until(t, "the log names the client", func() bool { return strings.Contains(log.String(), `"source":"192.0.2.2"`) })
}

// Only TLS to the service itself, or the word of a trusted proxy, counts as secure.
func TestSecure(t *testing.T) {
	t.Parallel()
	var proxies Proxies
	if err := proxies.UnmarshalText([]byte("10.0.0.0/8")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		peer  string
		proto []string
		tls   bool
		want  bool
	}{
		"plain":             {"10.0.0.1:1", nil, false, false},
		"TLS":               {"192.0.2.1:1", nil, true, true},
		"a proxy":           {"10.0.0.1:1", []string{"https"}, false, true},
		"a plain proxy":     {"10.0.0.1:1", []string{"http"}, false, false},
		"the last proxy":    {"10.0.0.1:1", []string{"https, http"}, false, false},
		"two headers":       {"10.0.0.1:1", []string{"http", "HTTPS"}, false, true},
		"a stranger":        {"192.0.2.1:1", []string{"https"}, false, false},
		"no address at all": {"@", []string{"https"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-Proto": c.proto}}
			if c.tls {
				r.TLS = &tls.ConnectionState{}
			}
			if got := proxies.secure(r); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
