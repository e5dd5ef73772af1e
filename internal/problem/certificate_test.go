package problem_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"foliocast/internal/certs/authority"
	"foliocast/internal/problem"
)

// Each fault of a certificate is one sentence of its own. The errors come from Go's own verifier.
func TestCertificatesThatAreRefused(t *testing.T) {
	t.Parallel()
	ours, err := authority.New("ours", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := authority.New("theirs", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	here := authority.Host{Addresses: []net.IP{net.IPv4(127, 0, 0, 1)}, Begin: time.Now(), Life: time.Hour}
	elsewhere, old, early := here, here, here
	elsewhere.Addresses = []net.IP{net.IPv4(192, 0, 2, 7)}
	old.Begin = old.Begin.Add(-48 * time.Hour)
	early.Begin, early.Life = early.Begin.Add(48*time.Hour), 48*time.Hour
	for _, c := range []struct {
		name  string
		by    *authority.Authority
		host  authority.Host
		plain bool
		want  string
	}{
		{"right", ours, here, false, ""},
		{"another authority", theirs, here, false, "its certificate is from an authority that this program does not trust: name a file with that authority"},
		{"another name", ours, elsewhere, false, "its certificate is not for 127.0.0.1: use one of the names that it is for"},
		{"expired", ours, old, false, "its certificate is valid from "},
		{"not valid yet", ours, early, false, "its certificate is valid from "},
		{"no TLS", ours, here, true, "it does not speak TLS there: an address without TLS begins with http://"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cert, key, err := c.by.Issue(c.host)
			if err != nil {
				t.Fatal(err)
			}
			pair, err := tls.X509KeyPair(cert, key)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			if c.plain {
				server.Start()
			} else {
				server.StartTLS()
			}
			t.Cleanup(server.Close)
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(ours.PEM())
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
			t.Cleanup(transport.CloseIdleConnections)
			url := strings.Replace(server.URL, "http://", "https://", 1)
			_, err = problem.Call{Method: http.MethodGet, URL: url}.Do(t.Context(), &http.Client{Transport: transport})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "no secure connection to "+url+": "+c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
