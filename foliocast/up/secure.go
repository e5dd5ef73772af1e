package up

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"foliocast/internal/certs/authority"
)

const (
	certLife  = 90 * 24 * time.Hour
	certRenew = 30 * 24 * time.Hour  // before its end
	certTick  = time.Hour            // between two looks at it
	caWarn    = 365 * 24 * time.Hour // before the end of the authority
)

// secured is the certificate of the services and the authority that signs it, in the state
// directory. It exists when other machines reach the services.
type secured struct {
	dir    string
	listen net.IP   // the address of the services
	names  []string // further names and addresses of this machine
	by     *authority.Authority
	now    func() time.Time
}

// openSecured reads the authority, or makes it, and a certificate that is valid for long enough.
func (c *Cluster) openSecured() (*secured, error) {
	s := &secured{dir: filepath.Join(c.config.State, "tls"), listen: net.ParseIP(c.config.Listen), names: c.config.Names, now: time.Now}
	host, _ := os.Hostname() // without one it has no name in its certificate
	by, made, err := authority.Open(s.dir, "Foliocast on "+cmp.Or(host, c.config.Listen), s.now())
	if err != nil {
		return nil, fmt.Errorf("certificates of the services: %w", err)
	}
	if s.by = by; made {
		c.say("made a private certificate authority, %s", s.caFile())
	}
	if end := by.NotAfter(); end.Sub(s.now()) < caWarn {
		c.say("the authority %s ends on %s: remove %s before that, and start again: all clients must then trust the new one", s.caFile(), end.Format(time.DateOnly), s.dir)
	}
	return s, s.renew(c.say)
}

func (s *secured) caFile() string { return authority.CertPath(s.dir) }

// file has the certificate and its key: one file, so that nobody reads one without the other.
func (s *secured) file() string { return filepath.Join(s.dir, "server.pem") }

// renew makes a certificate when one is missing or ends soon, or when this machine has
// other names and addresses now. The services read it by themselves.
func (s *secured) renew(say func(string, ...any)) error {
	names, addresses := s.host()
	if s.good(names, addresses) {
		return nil
	}
	cert, key, err := s.by.Issue(authority.Host{Names: names, Addresses: addresses, Begin: s.now(), Life: certLife})
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	if err := writeFile(s.file(), append(cert, key...), 0o600); err != nil {
		return err
	}
	say("made a certificate for %s", strings.Join(append(slices.Clone(names), textOf(addresses)...), ", "))
	return nil
}

// good reports whether there is a certificate that will do.
func (s *secured) good(names []string, addresses []net.IP) bool {
	pair, err := tls.LoadX509KeyPair(s.file(), s.file())
	if err != nil {
		return false // none, or one that was cut off
	}
	leaf := pair.Leaf
	return s.by.Signed(leaf) && leaf.NotAfter.Sub(s.now()) > certRenew &&
		slices.Equal(leaf.DNSNames, names) && slices.Equal(textOf(leaf.IPAddresses), textOf(addresses))
}

// host returns the names and addresses by which this machine is reached.
func (s *secured) host() (names []string, addresses []net.IP) {
	names = []string{"localhost"}
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	addresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if s.listen.IsUnspecified() {
		all, _ := net.InterfaceAddrs() // what cannot be read is not in the certificate
		for _, a := range all {
			if network, ok := a.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
				addresses = append(addresses, network.IP)
			}
		}
	} else {
		addresses = append(addresses, s.listen)
	}
	for _, more := range s.names {
		if ip := net.ParseIP(more); ip != nil {
			addresses = append(addresses, ip)
		} else {
			names = append(names, more)
		}
	}
	slices.Sort(names)
	slices.SortFunc(addresses, func(a, b net.IP) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(names), slices.CompactFunc(addresses, net.IP.Equal)
}

func textOf(addresses []net.IP) (text []string) {
	for _, a := range addresses {
		text = append(text, a.String())
	}
	return text
}

// tend renews the certificate in time, until ctx ends.
func (s *secured) tend(ctx context.Context, say func(string, ...any)) {
	tick := time.NewTicker(certTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.renew(say); err != nil {
				say("%v", err)
			}
		}
	}
}

// settings are those of a service or a world.
func (s *secured) settings() []string {
	if s == nil {
		return nil
	}
	return []string{"FOLIOCAST_TLS_CERT_FILE=" + s.file(), "FOLIOCAST_TLS_KEY_FILE=" + s.file(), "FOLIOCAST_TLS_CA_FILE=" + s.caFile()}
}

// trust is the configuration of TLS of the supervisor's own requests; nil without TLS.
func (s *secured) trust() *tls.Config {
	if s == nil {
		return nil
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.by.PEM())
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
}

// ReachedAs returns the address of the named part for other machines, by the name of this one
// where the services listen on all addresses.
func (r Run) ReachedAs(name string) string {
	own := r.URL(name)
	host, err := os.Hostname()
	if err != nil {
		return own
	}
	return strings.Replace(own, "//127.0.0.1:", "//"+host+":", 1)
}
