package serve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"foliocast/internal/certs"
	"foliocast/internal/certs/authority"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// signed is an authority with what it has signed, in files.
type signed struct {
	dir string
	by  *authority.Authority
}

func newSigned(t *testing.T) signed {
	t.Helper()
	dir := t.TempDir()
	a, _, err := authority.Open(dir, "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return signed{dir, a}
}

// issue writes a certificate for this machine, and its key.
func (s signed) issue(t *testing.T, name string) (cert, key string) {
	t.Helper()
	certPEM, keyPEM, err := s.by.Issue(authority.Host{Names: []string{"localhost"}, Addresses: []net.IP{net.IPv4(127, 0, 0, 1)}, Begin: time.Now(), Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(s.dir, name+".pem"), filepath.Join(s.dir, name+".key")
	for path, text := range map[string][]byte{cert: certPEM, key: keyPEM} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// trusting is a client with the settings.
func trusting(t *testing.T, settings certs.Client) *http.Client {
	t.Helper()
	config, err := settings.Config(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := certs.Transport(config)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func secured(t *testing.T, settings certs.Server) (url string, log *servetest.Log) {
	t.Helper()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) })
	s := servetest.Start(t, func(ctx context.Context, log *slog.Logger) error {
		return Run(ctx, log, Listening{Address: "127.0.0.1:0", TLS: settings}, handler)
	})
	return strings.Replace(s.URL, "http://", "https://", 1), s.Log
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ours, theirs := newSigned(t), newSigned(t)
	cert, key := ours.issue(t, "server")
	url, _ := secured(t, certs.Server{Cert: cert, Key: key})
	ownClient := trusting(t, certs.Client{CA: authority.CertPath(ours.dir)})
	resp, err := ownClient.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(text) != "HTTP/2.0" || resp.TLS.Version < tls.VersionTLS12 {
		t.Errorf("got %s over TLS %x", text, resp.TLS.Version)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ours.by.PEM())
	if _, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was taken")
	}
	for _, c := range []struct {
		name, url string
		client    *http.Client
		want      string
	}{
		{"no authority", url, http.DefaultClient, "its certificate is from an authority that this program does not trust: "},
		{"another authority", url, trusting(t, certs.Client{CA: authority.CertPath(theirs.dir)}), "its certificate is from an authority that this program does not trust: "},
	} {
		_, err := problem.Call{Method: http.MethodGet, URL: c.url}.Do(t.Context(), c.client)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	resp, text2 := servetest.Send(t, http.MethodGet, strings.Replace(url, "https://", "http://", 1), nil)
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("HTTP without TLS: %d %s", resp.StatusCode, text2)
	}
}

func TestCertificatesOfClients(t *testing.T) {
	t.Parallel()
	ours, theirs := newSigned(t), newSigned(t)
	cert, key := ours.issue(t, "server")
	url, _ := secured(t, certs.Server{Cert: cert, Key: key, ClientCA: authority.CertPath(ours.dir)})
	own, ownKey := ours.issue(t, "client")
	foreign, foreignKey := theirs.issue(t, "client")
	ca := authority.CertPath(ours.dir)
	for _, c := range []struct {
		name     string
		settings certs.Client
		want     string // "" for an answer
	}{
		{"its own", certs.Client{CA: ca, Cert: own, Key: ownKey}, ""},
		{"none", certs.Client{CA: ca}, "a certificate that this program does not show: "},
		{"of another authority", certs.Client{CA: ca, Cert: foreign, Key: foreignKey}, "a certificate that this program does not show: "},
	} {
		_, err := problem.Call{Method: http.MethodGet, URL: url}.Do(t.Context(), trusting(t, c.settings))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// A service changes its certificate while it serves: new connections see the new one, and those
// that are open go on.
func TestANewCertificateWithoutARestart(t *testing.T) {
	t.Parallel()
	first, second := newSigned(t), newSigned(t)
	cert, key := first.issue(t, "server")
	url, log := secured(t, certs.Server{Cert: cert, Key: key})
	before := trusting(t, certs.Client{CA: authority.CertPath(first.dir)})
	get := func(c *http.Client) error {
		_, err := problem.Call{Method: http.MethodGet, URL: url}.Do(t.Context(), c)
		return err
	}
	if err := get(before); err != nil {
		t.Fatal(err)
	}
	newCert, newKey := second.issue(t, "server")
	for from, to := range map[string]string{newCert: cert, newKey: key} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	after := trusting(t, certs.Client{CA: authority.CertPath(second.dir)})
	servetest.Until(t, "the new certificate is shown", func() bool { return get(after) == nil })
	if err := get(before); err != nil {
		t.Errorf("the connection from before: %v", err)
	}
	if !strings.Contains(log.String(), "new certificate") {
		t.Errorf("the log does not say so:\n%s", log)
	}
}

// Other machines reach a service over TLS alone, unless its operator says otherwise.
func TestPlainHTTPForOtherMachines(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", "[::]:0"} {
		err := Run(t.Context(), slog.New(slog.DiscardHandler), Listening{Address: address}, http.NotFoundHandler())
		if err == nil || !strings.Contains(err.Error(), "or FOLIOCAST_PLAIN_HTTP=true if it must speak HTTP without TLS") {
			t.Errorf("%s: got %v", address, err)
		}
	}
	s := servetest.Start(t, func(ctx context.Context, log *slog.Logger) error {
		return Run(ctx, log, Listening{Address: "0.0.0.0:0", TLS: certs.Server{Plain: true}}, http.NotFoundHandler())
	})
	if !s.Answers("/", http.StatusNotFound) {
		t.Error("plain HTTP that was asked for is not served")
	}
}
