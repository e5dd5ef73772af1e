package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/postgres/pgtest"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// gate stands between the service and PostgreSQL, and can be shut.
type gate struct {
	listener net.Listener
	target   string
	mu       sync.Mutex
	shut     bool
	open     map[net.Conn]bool
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: listener, target: target, open: map[net.Conn]bool{}}
	t.Cleanup(func() { listener.Close(); g.set(true) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go g.pass(conn)
		}
	}()
	return g
}

// set shuts or opens the gate. Shutting breaks what is connected.
func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	for c := range g.open {
		if shut {
			c.Close()
		}
	}
}

// pass joins a connection with the target until one side ends.
func (g *gate) pass(in net.Conn) {
	defer in.Close()
	g.mu.Lock()
	shut := g.shut
	g.open[in] = true
	g.mu.Unlock()
	out, err := net.Dial("tcp", g.target)
	if shut || err != nil {
		return
	}
	defer out.Close()
	go func() { io.Copy(out, in); out.Close() }()
	io.Copy(in, out)
}

// addresses finds the address that the service logs when it listens.
type addresses struct {
	mu   sync.Mutex
	log  bytes.Buffer
	once sync.Once
	c    chan string
}

func (a *addresses) Write(line []byte) (int, error) {
	var entry struct{ Msg, Address string }
	if json.Unmarshal(line, &entry) == nil && entry.Msg == "listening" {
		a.once.Do(func() { a.c <- entry.Address })
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Write(line)
}

func (a *addresses) text() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.String()
}

// testConfig is settings for a service behind a gate to a new database.
func testConfig(t *testing.T, issuer *authtest.Issuer, lease time.Duration) (Config, *gate) {
	t.Helper()
	base := pgtest.URL(t) // postgres://user@host:port/database?…
	_, rest, _ := strings.Cut(base, "@")
	target, _, _ := strings.Cut(rest, "/")
	g := newGate(t, target)
	return Config{
		Listen: "127.0.0.1:0", DatabaseURL: strings.Replace(base, target, g.listener.Addr().String(), 1), Connections: 4,
		AuthURL: issuer.URL, Issuer: auth.DefaultIssuer, Lease: lease, MaxAttempts: 3, schema: pgtest.Schema(t),
	}, g
}

// startService serves until the test ends, or until stop is called.
func startService(t *testing.T, config Config) (url string, log *addresses, stop func() error) {
	t.Helper()
	log = &addresses{c: make(chan string, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveQueue(ctx, slog.New(slog.NewJSONHandler(log, nil)), config) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { stop() })
	select {
	case address := <-log.c:
		return "http://" + address, log, stop
	case err := <-ended:
		t.Fatalf("the service ended: %v\n%s", err, log.text())
	}
	return "", nil, nil
}

// awaitStatus asks until an address answers with the status.
func awaitStatus(t *testing.T, url string, want int) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for got := 0; time.Now().Before(deadline); <-tick.C {
		resp, err := http.Get(url)
		if err != nil {
			continue
		}
		resp.Body.Close()
		if got = resp.StatusCode; got == want {
			return
		}
	}
	t.Fatalf("%s does not answer %d", url, want)
}

func TestItStartsBeforeItsDatabaseAndOutlivesIt(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config, gate := testConfig(t, issuer, time.Minute)
	gate.set(true)
	url, log, stop := startService(t, config)
	awaitStatus(t, url+"/healthz", http.StatusOK)
	awaitStatus(t, url+"/readyz", http.StatusServiceUnavailable)
	gate.set(false)
	awaitStatus(t, url+"/readyz", http.StatusOK)
	c := client.New(url, nil, issuer.Tokens(auth.QueueEnqueue))
	if _, err := c.Enqueue(t.Context(), []message.New{{Key: "k", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	gate.set(true)
	awaitStatus(t, url+"/readyz", http.StatusServiceUnavailable)
	gate.set(false)
	awaitStatus(t, url+"/readyz", http.StatusOK)
	if m, err := c.Message(t.Context(), message.ByKey("k")); err != nil || m.State != message.Waiting {
		t.Errorf("got %+v, %v", m, err)
	}
	if err := stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	for _, secret := range []string{"Bearer", "payload"} {
		if strings.Contains(log.text(), secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
}

func TestExpiredLeasesComeBackWithoutAWorkerAsking(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config, _ := testConfig(t, issuer, 200*time.Millisecond)
	url, _, _ := startService(t, config)
	awaitStatus(t, url+"/readyz", http.StatusOK)
	c := client.New(url, nil, issuer.Tokens(auth.QueueEnqueue, auth.QueueLease, auth.ResultsRead))
	ctx := t.Context()
	if _, err := c.Enqueue(ctx, []message.New{{Key: "k", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	for attempt := 1; attempt <= 3; attempt++ {
		leases, err := c.Lease(ctx, "dies", 1, 20*time.Second)
		if err != nil || len(leases) != 1 || leases[0].Attempt != attempt {
			t.Fatalf("got %+v, %v; want attempt %d", leases, err, attempt)
		}
	}
	results, err := c.Results(ctx, 0, 1, 20*time.Second)
	if err != nil || len(results) != 1 || results[0].Outcome != message.Dead || !strings.HasPrefix(results[0].Error, "lease expired") {
		t.Errorf("got %+v, %v; want it dead after three workers", results, err)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		text string
	}{
		{[]string{"--help"}, 0, "FOLIOCAST_LISTEN"},
		{[]string{"--version"}, 0, version},
		{[]string{"nonsense"}, 2, "queue --help"},
	} {
		var out bytes.Buffer
		if code := run(c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.text) {
			t.Errorf("%v: got %d, %s", c.args, code, out.String())
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	good := Config{Listen: "127.0.0.1:0", DatabaseURL: "postgres://127.0.0.1/x", Connections: 2, AuthURL: "http://127.0.0.1:5000",
		Issuer: "i", Lease: time.Second, MaxAttempts: 1}
	if err := good.Validate(); err != nil {
		t.Errorf("good settings: %v", err)
	}
	bad := Config{DatabaseURL: "postgres://user:secret@[", AuthURL: "nowhere", Lease: 1, BackOff: 2, MaxBackOff: 1, Retention: -1}
	err := bad.Validate()
	if err == nil {
		t.Fatal("bad settings pass")
	}
	for _, name := range []string{"LISTEN", "DATABASE_URL", "DATABASE_CONNECTIONS", "AUTH_URL", "ISSUER", "LEASE", "MAX_ATTEMPTS", "MAX_BACK_OFF", "RETENTION"} {
		if !strings.Contains(err.Error(), "FOLIOCAST_"+name+" ") {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("a password is in: %v", err)
	}
}
