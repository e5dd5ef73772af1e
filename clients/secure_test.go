package clients

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"foliocast/internal/certs/authority"
)

// tlsCase is a service with a certificate, and what a client says of it.
type tlsCase struct {
	name string
	by   *authority.Authority
	host authority.Host
	asks bool   // for a certificate of the client
	want string // "" when it is taken
}

func tlsCases(t *testing.T, ours, theirs *authority.Authority) []tlsCase {
	t.Helper()
	here := authority.Host{Addresses: []net.IP{net.IPv4(127, 0, 0, 1)}, Begin: time.Now(), Life: time.Hour}
	elsewhere, old := here, here
	elsewhere.Addresses = []net.IP{net.IPv4(192, 0, 2, 7)}
	old.Begin = old.Begin.Add(-48 * time.Hour)
	return []tlsCase{
		{"right", ours, here, false, ""},
		{"right, and asks for a certificate", ours, here, true, ""},
		{"another authority", theirs, here, false, "its certificate is from an authority that this program does not trust"},
		{"another name", ours, elsewhere, false, "its certificate is not for the name in this address"},
		{"expired", ours, old, false, "its certificate has expired, or is not valid yet"},
	}
}

// start starts the service, which answers every request with a job.
func (c tlsCase) start(t *testing.T, clients *x509.CertPool) string {
	t.Helper()
	cert, key, err := c.by.Issue(c.host)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"id":"one","state":"done"}`) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	if c.asks {
		server.TLS.ClientAuth, server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, clients
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// Both clients refuse a certificate that they must not trust, at once and with one sentence.
func TestCertificates(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ours, _, err := authority.Open(dir, "ours", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := authority.New("theirs", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "client.pem")
	cert, key, err := ours.Issue(authority.Host{Names: []string{"client"}, Begin: time.Now(), Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, append(cert, key...), 0o600); err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(ours.PEM())
	var addresses []string
	all := tlsCases(t, ours, theirs)
	for _, c := range all {
		addresses = append(addresses, c.start(t, trusted))
	}
	for language, command := range map[string][]string{
		"Python": {python, "-c", `
import sys, foliocast
ca, own = sys.argv[1:3]
for url in sys.argv[3:]:
    try:
        print(foliocast.Client(url, token="t", ca_file=ca, certificate=own).job("one").state)
    except foliocast.Unreachable as err:
        print(err)`, authority.CertPath(dir), own},
		"R": {"Rscript", "-e", `
source("../r/foliocast.R")
args <- commandArgs(TRUE)
for (url in args[-(1:2)]) {
  client <- fc_client(url, token = "t", ca_file = args[1], cert_file = args[2])
  cat(tryCatch(fc_job(client, "one")$state, fc_unreachable = conditionMessage), "\n", sep = "")
}`, authority.CertPath(dir), own},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			cmd := exec.Command(command[0], append(command[1:], addresses...)...)
			cmd.Dir, cmd.Env = "python", append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			text, err := cmd.CombinedOutput()
			said := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
			if err != nil || len(said) != len(all) {
				t.Fatalf("%v:\n%s", err, text)
			}
			for i, c := range all {
				want := "done"
				if c.want != "" {
					want = "no secure connection to " + addresses[i] + "/v1/jobs/one: " + c.want
				}
				if !strings.HasPrefix(said[i], want) {
					t.Errorf("%s: it says %q, want %q", c.name, said[i], want)
				}
			}
			if took := time.Since(begun); took > 30*time.Second {
				t.Errorf("it took %v: it must not try again", took)
			}
		})
	}
}
