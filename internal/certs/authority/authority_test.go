package authority

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOpenMakesAnAuthorityOnce(t *testing.T) {
	t.Parallel()
	dir, now := filepath.Join(t.TempDir(), "tls"), time.Now()
	a, made, err := Open(dir, "Foliocast on here", now)
	if err != nil || !made {
		t.Fatalf("made %v, error %v", made, err)
	}
	info, err := os.Stat(keyPath(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: mode %v, error %v", info.Mode(), err)
	}
	b, made, err := Open(dir, "another name", now)
	if err != nil || made || string(b.PEM()) != string(a.PEM()) {
		t.Errorf("the second time: made %v, error %v", made, err)
	}
	if err := os.WriteFile(CertPath(dir), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(dir, "", now); err == nil || !strings.Contains(err.Error(), "a file is not PEM") {
		t.Errorf("with a broken certificate: %v", err)
	}
}

// The verifier is that of Go, as of a client.
func TestIssuedCertificates(t *testing.T) {
	t.Parallel()
	now := time.Now()
	a, err := New("test", now)
	if err != nil {
		t.Fatal(err)
	}
	other, err := New("test", now)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := a.Issue(Host{Names: []string{"node1"}, Addresses: []net.IP{net.IPv4(192, 0, 2, 7)}, Begin: now, Life: 2 * Life})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf := pair.Leaf
	if !a.Signed(leaf) || other.Signed(leaf) {
		t.Errorf("signed by its authority: %v, by another of the same name: %v", a.Signed(leaf), other.Signed(leaf))
	}
	if leaf.NotAfter.After(a.NotAfter()) {
		t.Errorf("it is valid until %v, its authority until %v", leaf.NotAfter, a.NotAfter())
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	for host, want := range map[string]bool{"node1": true, "192.0.2.7": true, "node2": false, "192.0.2.8": false} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
		if (err == nil) != want {
			t.Errorf("for %s: %v, want valid %v", host, err, want)
		}
	}
}
