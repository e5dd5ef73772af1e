package up

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func shown(t *testing.T, s *secured) *x509.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(s.file(), s.file())
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}

// The certificate is kept as long as it will do, and made anew before it ends, when the machine has
// another name, and when it was cut off. Only its owner reads the keys.
func TestTheCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	c := &Cluster{config: Config{State: t.TempDir(), Listen: "0.0.0.0", Names: []string{"box.example", "192.0.2.9"}, Say: func(string) {}}}
	s, err := c.openSecured()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"ca.pem": 0o644, "ca.key": 0o600, "server.pem": 0o600} {
		if info, err := os.Stat(filepath.Join(s.dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	first := shown(t, s)
	for _, host := range []string{"localhost", "127.0.0.1", "::1", "box.example", "192.0.2.9"} {
		if err := first.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	quiet := func(string, ...any) {}
	renewed := func(then *secured) bool {
		t.Helper()
		before := shown(t, s).SerialNumber
		if err := then.renew(quiet); err != nil {
			t.Fatal(err)
		}
		return shown(t, s).SerialNumber.Cmp(before) != 0
	}
	began := time.Now()
	s.now = func() time.Time { return began.Add(59 * 24 * time.Hour) } // of 90 days, 31 are left
	if renewed(s) {
		t.Error("a certificate that is good for 31 days more is replaced")
	}
	s.now = func() time.Time { return began.Add(61 * 24 * time.Hour) }
	if !renewed(s) {
		t.Error("a certificate that ends in 29 days is kept")
	}
	s.names = []string{"other.example"}
	if !renewed(s) || shown(t, s).VerifyHostname("other.example") != nil {
		t.Error("a machine with another name keeps its certificate")
	}
	if renewed(s) {
		t.Error("the same names make another certificate")
	}
	if err := os.Truncate(s.file(), 300); err != nil {
		t.Fatal(err)
	}
	if err := s.renew(quiet); err != nil {
		t.Error(err)
	}
	shown(t, s)

	// A start from the same directory keeps authority and certificate.
	kept := shown(t, s)
	c.config.Names = s.names
	again, err := c.openSecured()
	if err != nil || string(again.by.PEM()) != string(s.by.PEM()) || shown(t, again).SerialNumber.Cmp(kept.SerialNumber) != 0 {
		t.Errorf("the next start: another authority or certificate, error %v", err)
	}
}

func TestAddressesOfServices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		listen string
		plain  bool
		want   string
	}{
		{"127.0.0.1", false, "http://127.0.0.1:5000"},
		{"::1", false, "http://[::1]:5000"},
		{"0.0.0.0", false, "https://127.0.0.1:5000"},
		{"0.0.0.0", true, "http://127.0.0.1:5000"},
		{"192.0.2.7", false, "https://192.0.2.7:5000"},
	} {
		cluster := &Cluster{config: Config{Listen: c.listen, Plain: c.plain}}
		if got := cluster.url(5000); got != c.want {
			t.Errorf("%s: got %s, want %s", c.listen, got, c.want)
		}
	}
	one := &secured{listen: net.ParseIP("192.0.2.7")}
	if _, addresses := one.host(); len(addresses) != 3 {
		t.Errorf("on one address the certificate is for %v", addresses)
	}
}
