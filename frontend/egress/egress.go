// Package egress says where the data service may connect to when a user gives the address: to public ones over TLS, unless the
// operator allows more. An address is judged after its name was resolved, at each connection.
package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Policy says where connections may go. Without networks it allows public addresses alone.
type Policy struct {
	Settings string         // how the names of its settings begin, as in FOLIOCAST_WEBHOOK
	HTTP     bool           // connections may be without TLS
	Networks []netip.Prefix // allowed although they are not public
}

// special are networks that are not for the public internet, beside those that netip knows:
// the registries of special-purpose addresses of IANA, and forms in which IPv6 carries an address of IPv4, behind which a translator
// may reach any host.
var special = func() (all []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// refused reports whether connections may not go to an address. A mapped address is what it maps, once it is connected to.
func (p Policy) refused(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if within(p.Networks, a) {
		return false
	}
	return !a.IsGlobalUnicast() || a.IsPrivate() || within(special, a)
}

func within(all []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(a) })
}

// RefusedError says that an address is not one to which connections may go.
type RefusedError struct{ addr, settings string }

func (r *RefusedError) Error() string {
	return "its name leads to " + r.addr + ", which is not a public address; the operator may allow it with " + r.settings + "_NETWORKS"
}

// control refuses a connection before it is made. Names are resolved by then: whatever a name server says, the
// address is the one that is connected to.
func (p Policy) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || p.refused(to.Addr()) {
		host, _, _ := net.SplitHostPort(address)
		return &RefusedError{host, p.Settings}
	}
	return nil
}

// Dialer connects to allowed addresses alone. It asks the resolver for them; nil is that of the machine.
func (p Policy) Dialer(resolver *net.Resolver) *net.Dialer {
	return &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Resolver: resolver, ControlContext: p.control}
}

// Check returns why connections may not go to an address, as far as it can be told without asking a name server.
func (p Policy) Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return errors.New("must be an address such as https://example.com/prices")
	case u.Scheme == "http" && !p.HTTP:
		return fmt.Errorf("must begin with https://; the operator may allow http with %s_HTTP", p.Settings)
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("must begin with https://")
	case u.User != nil:
		return errors.New("must not have a user name or a password")
	case u.Fragment != "":
		return errors.New("must not have a fragment")
	case strings.ContainsAny(u.Host, " \t%"):
		return errors.New("has a host that cannot be read")
	}
	if u.Port() != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || n == 0 {
			return errors.New("must have a port from 1 to 65535")
		}
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && (p.refused(a) || a.Is4In6() && !within(p.Networks, a)) {
		return fmt.Errorf("names %s, which is not a public address; the operator may allow it with %s_NETWORKS", a, p.Settings)
	}
	return nil
}
