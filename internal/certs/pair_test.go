package certs

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"foliocast/internal/certs/authority"
	"foliocast/internal/serve/servetest"
)

// files are a certificate and its key in a directory.
type files struct{ cert, key string }

func write(t *testing.T, at files, cert, key []byte) {
	t.Helper()
	for path, text := range map[string][]byte{at.cert: cert, at.key: key} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func issue(t *testing.T, begin time.Time, life time.Duration) (cert, key []byte) {
	t.Helper()
	a, err := authority.New("test", begin)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err = a.Issue(authority.Host{Names: []string{"localhost"}, Addresses: []net.IP{net.IPv4(127, 0, 0, 1)}, Begin: begin, Life: life})
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func TestANewPairIsUsedAndABadOneIsNot(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	at := files{filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")}
	first, firstKey := issue(t, begin, time.Hour*24*90)
	write(t, at, first, firstKey)
	log := &servetest.Log{}
	p, err := open(at.cert, at.key, log.Logger())
	if err != nil {
		t.Fatal(err)
	}
	now := begin
	p.now = func() time.Time { now = now.Add(2 * time.Second); return now }
	one := p.get()

	second, secondKey := issue(t, begin, time.Hour*24*90)
	expired, expiredKey := issue(t, begin.Add(-48*time.Hour), 24*time.Hour)
	for _, bad := range []struct {
		name      string
		cert, key []byte
		want      string
	}{
		{"the key of another certificate", first, secondKey, "private key does not match"},
		{"no PEM", []byte("x"), secondKey, "failed to find any PEM data"},
		{"expired", expired, expiredKey, "has expired: it was valid until"},
	} {
		write(t, at, bad.cert, bad.key)
		if p.get() != one {
			t.Errorf("%s: the certificate before did not stay", bad.name)
		}
		if p.get(); strings.Count(log.String(), bad.want) != 1 || !strings.Contains(log.String(), "the one before stays") {
			t.Errorf("%s: the log does not say once that it cannot be used:\n%s", bad.name, log)
		}
	}
	if err := os.Remove(at.key); err != nil {
		t.Fatal(err)
	}
	if p.get(); p.get() != one || strings.Count(log.String(), "no such file") != 1 {
		t.Errorf("without a key:\n%s", log)
	}
	write(t, at, second, secondKey)
	if two := p.get(); two == one || strings.Count(log.String(), "new certificate\"") != 1 {
		t.Errorf("the new certificate is not used:\n%s", log)
	}
	if now = begin.Add(85 * 24 * time.Hour); p.get() == nil || strings.Count(log.String(), "ends soon") != 1 {
		t.Errorf("five days before its end the log does not say so:\n%s", log)
	}
}

func TestAKeyThatEverybodyReadsIsRefused(t *testing.T) {
	t.Parallel()
	at := files{filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")}
	cert, key := issue(t, time.Now(), time.Hour)
	write(t, at, cert, key)
	if err := os.Chmod(at.key, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := (Server{Cert: at.cert, Key: at.key}).Config(nil); err == nil || !strings.Contains(err.Error(), "everybody on this machine has access to the key") {
		t.Errorf("got %v", err)
	}
}

func TestSettingsThatDoNotFit(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		got  func() error
		want string
	}{
		{"a certificate alone", Server{Cert: "c"}.Check, "belong together"},
		{"a key alone", Server{Key: "c"}.Check, "belong together"},
		{"clients without TLS", Server{ClientCA: "c"}.Check, "needs FOLIOCAST_TLS_CERT_FILE"},
		{"TLS without TLS", Server{Cert: "c", Key: "k", Plain: true}.Check, "contradict each other"},
		{"half of a client", Client{Cert: "c"}.Check, "belong together"},
		{"no authority", func() error { _, err := Client{CA: empty}.Config(nil); return err }, "has no certificate in PEM"},
		{"no such authority", func() error { _, err := Client{CA: empty + "x"}.Config(nil); return err }, "no such file"},
		{"no such certificate", func() error { _, err := Server{Cert: empty, Key: empty + "x"}.Config(nil); return err }, "no such file"},
	} {
		if err := c.got(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}
