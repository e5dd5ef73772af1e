package serve

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops bounds how many entries of X-Forwarded-For are read.
const maxHops = 32

// Proxies are the addresses of proxies that are trusted to say in X-Forwarded-For
// whom they speak for. None trusts no header.
type Proxies []netip.Prefix

// UnmarshalText reads networks and addresses, separated by commas, as in
// "10.0.0.0/8,192.0.2.7".
func (p *Proxies) UnmarshalText(text []byte) error {
	*p = nil
	for part := range strings.SplitSeq(string(text), ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			alone, fault := netip.ParseAddr(part)
			if fault != nil {
				return errors.Join(err, fault)
			}
			prefix = netip.PrefixFrom(alone, alone.BitLen())
		}
		if bits := prefix.Bits() - 96; prefix.Addr().Is4In6() && bits >= 0 { // as addresses are compared
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), bits)
		}
		*p = append(*p, prefix.Masked())
	}
	return nil
}

func (p Proxies) trust(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// source returns the address of the client that sent r: the peer of the connection
// or, when that is a trusted proxy, whom X-Forwarded-For names. Each proxy appends
// the address that it took the request from, so the entries are read from the right,
// and the first one that is not a trusted proxy is the client: what stands further
// left is the client's own word. An entry that is no address ends the walk. The
// header Forwarded (RFC 7239) is not read: a proxy that sets only one of the two
// passes the other on from the client.
func (p Proxies) source(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	client := canonical(peer.Addr())
	if !p.trust(client) {
		return client.String()
	}
	entries := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(entries) - 1; i >= max(0, len(entries)-maxHops); i-- {
		hop, ok := forwarded(entries[i])
		if !ok {
			break
		}
		if client = hop; !p.trust(client) {
			break
		}
	}
	return client.String()
}

// forwarded reads an entry of X-Forwarded-For: an address, which some proxies write
// with a port.
func forwarded(entry string) (netip.Addr, bool) {
	entry = strings.TrimSpace(entry)
	if a, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return canonical(a), true
	}
	a, err := netip.ParseAddrPort(entry)
	return canonical(a.Addr()), err == nil
}

// canonical returns the one form that an address is compared in.
func canonical(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

type sourceKey struct{}

// Source returns the address of the client that sent the request that ctx belongs
// to, or "". It is what the logs and the limits of every service go by.
func Source(ctx context.Context) string {
	source, _ := ctx.Value(sourceKey{}).(string)
	return source
}

// WithSource returns a context for the work on a request that a service has sent in the
// name of a client with an address. What is no address changes nothing.
func WithSource(ctx context.Context, address string) context.Context {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ctx
	}
	return context.WithValue(ctx, sourceKey{}, canonical(a).String())
}

type secureKey struct{}

// Secure reports whether the client that sent the request sent it over TLS, to this
// service or to a trusted proxy: then a cookie may say that it is for TLS only.
func Secure(ctx context.Context) bool {
	secure, _ := ctx.Value(secureKey{}).(bool)
	return secure
}

// secure is Secure of a request. Of several values that proxies appended to
// X-Forwarded-Proto, the last is from the nearest proxy, which is the trusted one.
func (p Proxies) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !p.trust(canonical(peer.Addr())) {
		return false
	}
	schemes := strings.Split(strings.Join(r.Header.Values("X-Forwarded-Proto"), ","), ",")
	return strings.EqualFold(strings.TrimSpace(schemes[len(schemes)-1]), "https")
}

// Network returns what counts as one address: the holder of one IPv6 address may have
// all those with the same first 48 bits (RFC 6177).
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = canonical(a); a.Is6() {
		return netip.PrefixFrom(a, 48).Masked().String()
	}
	return a.String()
}
