package e2e

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/certs"
	"foliocast/internal/certs/authority"
	"foliocast/internal/child"
)

// Everything runs over TLS when other machines reach it, and every client finds it by its state
// directory, or by its name and a copy of its authority.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	c := &cluster{state: filepath.Join(t.TempDir(), "state"), program: exec.Command}
	base := freePorts(t, 3)[0]
	c.foliocast(t, "up", "--np", "1", "--port-base", strconv.Itoa(base), "--listen", "0.0.0.0", "--detach")
	t.Cleanup(func() { c.foliocast(t, "down") })
	c.reload(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text, err := os.ReadFile(filepath.Join(c.state, "tls", "ca.pem"))
	if err == nil {
		err = os.WriteFile(ca, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	secure, err := certs.Client{CA: ca}.Config(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.http = &http.Client{Transport: certs.Transport(secure)}
	c.token = c.signIn(t, c.admin(t))
	c.addPrices(t)

	c.foliocast(t, "login")
	c.foliocast(t, "job", "submit", "--dataset", "prices", "--assets", "*", "--horizon", "2", "--wait")
	script := "import foliocast, sys\nprint(foliocast.Client.local(sys.argv[1]).forecast('prices', 2)[0:2])"
	if out, err := pythonIn(t, clientFolder(t), "-c", script, c.state).CombinedOutput(); err != nil || !strings.Contains(string(out), "unique_id") {
		t.Errorf("Python: %v: %s", err, out)
	}
	folder, err := filepath.Abs("../../clients/r")
	if err != nil {
		t.Fatal(err)
	}
	rScript := "source('foliocast.R'); print(fc_forecast(fc_local(commandArgs(TRUE)[1]), 'prices', 2))"
	if out, err := rIn(t, folder, "-e", rScript, c.state).CombinedOutput(); err != nil || !strings.Contains(string(out), "unique_id") {
		t.Errorf("R: %v: %s", err, out)
	}

	// As another machine: by the name of this one, and with a copy of the authority.
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := func(input string, args ...string) (string, error) {
		cmd := exec.Command(program(t, "foliocast"), args...)
		cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(filepath.Dir(ca), "config"))
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	admin := c.admin(t)
	login := []string{"login", "--username", admin.Username, "--password-stdin"}
	for i, flag := range []string{"--auth-url", "--queue-url", "--url"} {
		login = append(login, flag, fmt.Sprintf("https://%s:%d", host, base+i))
	}
	if out, err := elsewhere(admin.Password+"\n", login...); err == nil || !strings.Contains(out, "no secure connection to") || !strings.Contains(out, "an authority that this program does not trust") {
		t.Errorf("without the authority: %v: %s", err, out)
	}
	if out, err := elsewhere(admin.Password+"\n", append(login, "--ca-file", ca)...); err != nil {
		t.Fatalf("with the authority: %v: %s", err, out)
	}
	if out, err := elsewhere("", "dataset", "list"); err != nil || !strings.Contains(out, "prices") { // the sign-in keeps the authority
		t.Errorf("after the sign-in: %v: %s", err, out)
	}
}

// The client and a world refuse an identity service whose certificate they must not trust, with one
// sentence, and send it nothing.
func TestCertificatesThatAreRefused(t *testing.T) {
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
	here := authority.Host{Addresses: []net.IP{net.IPv4(127, 0, 0, 1)}, Begin: time.Now(), Life: time.Hour}
	elsewhere, old := here, here
	elsewhere.Addresses = []net.IP{net.IPv4(192, 0, 2, 7)}
	old.Begin = old.Begin.Add(-48 * time.Hour)
	for _, c := range []struct {
		name string
		by   *authority.Authority
		host authority.Host
		want string
	}{
		{"authority", theirs, here, "its certificate is from an authority that this program does not trust"},
		{"name", ours, elsewhere, "its certificate is not for 127.0.0.1"},
		{"time", ours, old, "its certificate is valid from"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cert, key, err := c.by.Issue(c.host)
			if err != nil {
				t.Fatal(err)
			}
			pair, err := tls.X509KeyPair(cert, key)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("it was sent %s %s", r.Method, r.URL) }))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			server.StartTLS()
			defer server.Close()
			settings := append(os.Environ(), "FOLIOCAST_TLS_CA_FILE="+authority.CertPath(dir), "FOLIOCAST_AUTH_URL="+server.URL, "FOLIOCAST_QUEUE_URL="+server.URL,
				"FOLIOCAST_FRONTEND_URL="+server.URL, "FOLIOCAST_CLIENT_ID=worker", "FOLIOCAST_CLIENT_SECRET=secret", "FOLIOCAST_CACHE_DIR="+filepath.Join(t.TempDir(), "cache"), "XDG_CONFIG_HOME="+t.TempDir())

			login := exec.Command(program(t, "foliocast"), "login", "--username", "ada", "--password-stdin")
			login.Env, login.Stdin = settings, strings.NewReader("secret\n")
			out, err := login.CombinedOutput()
			if err == nil || !strings.HasPrefix(string(out), "foliocast: no secure connection to the identity service (authsvc) at "+server.URL+": "+c.want) {
				t.Errorf("foliocast login: %v: %s", err, out)
			}

			world := exec.Command("mpirun", "-np", "1", program(t, "mpicalc"), "serve", "--drain")
			world.Env = append(settings, openMPI()...)
			errs, err := world.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(world, syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			defer world.Wait() // it was told to end
			defer world.Process.Signal(syscall.SIGTERM)
			hung := time.AfterFunc(time.Minute, func() { _ = world.Process.Kill() })
			defer hung.Stop()
			said := ""
			for lines := bufio.NewScanner(errs); lines.Scan() && !strings.Contains(said, "leasing failed"); {
				said = lines.Text()
			}
			if want := "no secure connection to " + server.URL + "/v1/token: " + c.want; !strings.Contains(said, want) {
				t.Errorf("mpicalc serve: got %s, want %s", said, want)
			}
		})
	}
}
