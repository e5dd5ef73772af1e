package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/client"
	"foliocast/queue/message"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// testConfig returns settings of a service with a schema of its own, behind a gate.
func testConfig(t *testing.T, issuer *authtest.Issuer, lease time.Duration) (Config, *pgtest.Gate) {
	t.Helper()
	g := pgtest.NewGate(t)
	return Config{
		Listen: "127.0.0.1:0", DatabaseURL: g.URL, Connections: 4,
		AuthURL: issuer.URL, Issuer: auth.DefaultIssuer, Lease: lease, MaxAttempts: 3, schema: pgtest.Schema(t),
	}, g
}

// start serves until the test ends, or until its Stop.
func start(t *testing.T, config Config) *servetest.Service {
	t.Helper()
	return servetest.Start(t, func(ctx context.Context, log *slog.Logger) error { return serveQueue(ctx, log, config) })
}

// notReady waits until the service says that it cannot do its work.
func notReady(t *testing.T, s *servetest.Service) {
	t.Helper()
	servetest.Until(t, "the service is not ready", func() bool { return s.Answers("/readyz", http.StatusServiceUnavailable) })
}

func TestServiceStartsBeforeItsDatabaseAndSurvivesIt(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config, gate := testConfig(t, issuer, time.Minute)
	gate.Shut()
	s := start(t, config)
	if !s.Answers("/healthz", http.StatusOK) {
		t.Error("it is not alive without a database")
	}
	notReady(t, s)
	gate.Open()
	s.Ready(t)
	c := client.New(s.URL, nil, issuer.Tokens(auth.QueueEnqueue))
	if _, err := c.Enqueue(t.Context(), []message.New{{Key: "k", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	gate.Shut()
	notReady(t, s)
	gate.Open()
	s.Ready(t)
	if m, err := c.Message(t.Context(), message.ByKey("k")); err != nil || m.State != message.Waiting {
		t.Errorf("got %+v, %v", m, err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	for _, secret := range []string{"Bearer", "payload"} {
		if strings.Contains(s.Log.String(), secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
}

// Waiting does not help when the database does not exist on the server.
func TestServiceEndsWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	config, _ := testConfig(t, authtest.New(t), time.Minute)
	config.DatabaseURL = pgtest.URLOf(t, "nonesuch")
	if err := serveQueue(t.Context(), slog.New(slog.DiscardHandler), config); err == nil || !strings.Contains(err.Error(), "nonesuch") {
		t.Errorf("got %v, want that there is no such database", err)
	}
}

func TestExpiredLeasesComeBackWithoutAWorkerAsking(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config, _ := testConfig(t, issuer, 200*time.Millisecond)
	s := start(t, config)
	s.Ready(t)
	c := client.New(s.URL, nil, issuer.Tokens(auth.QueueEnqueue, auth.QueueLease, auth.ResultsRead))
	ctx := t.Context()
	if _, err := c.Enqueue(ctx, []message.New{{Key: "k", Payload: json.RawMessage(`1`)}}); err != nil {
		t.Fatal(err)
	}
	for attempt := 1; attempt <= 3; attempt++ {
		leases, err := c.Lease(ctx, "dies", 1, time.Minute)
		if err != nil || len(leases) != 1 || leases[0].Attempt != attempt {
			t.Fatalf("got %+v, %v; want attempt %d", leases, err, attempt)
		}
	}
	results, err := c.Results(ctx, 0, 1, time.Minute)
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
		{[]string{"--version"}, 0, "queue version "},
		{[]string{"nonsense"}, 2, "queue --help"},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), c.args, &out, &out); code != c.code || !strings.Contains(out.String(), c.text) {
			t.Errorf("%v: got %d, %s", c.args, code, out.String())
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	good := Config{Listen: "127.0.0.1:0", AuditKeep: 720 * time.Hour, DatabaseURL: "postgres://127.0.0.1/x", Connections: 2, Requests: 1, Bodies: 1, AuthURL: "http://127.0.0.1:5000",
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

func TestTokensForOtherServicesAreRefused(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config, _ := testConfig(t, issuer, time.Minute)
	s := start(t, config)
	s.Ready(t)
	for _, service := range auth.AllAudiences() {
		_, err := client.New(s.URL, nil, auth.Static(issuer.For(service))).Queues(t.Context())
		if service == auth.Queue && err != nil || service != auth.Queue && !problem.Is(err, problem.Unauthorized) {
			t.Errorf("a token for %s: %v", service, err)
		}
	}
}

func TestSessionsThatEndAreRefused(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config, _ := testConfig(t, issuer, time.Minute)
	s := start(t, config)
	s.Ready(t)
	claims := issuer.Claims(auth.Administrator)
	c := client.New(s.URL, nil, auth.Static(issuer.Sign(claims)))
	if _, err := c.Queues(t.Context()); err != nil {
		t.Fatal(err)
	}
	issuer.End(claims)
	servetest.Until(t, "the session is refused", func() bool {
		_, err := c.Queues(t.Context())
		return problem.Is(err, problem.Unauthorized)
	})
}

func TestTheDoorHasItsSettings(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config, _ := testConfig(t, issuer, time.Minute)
	config.MetricsToken, config.StopNotice = servetest.MetricsToken, servetest.StopNotice
	config.TrustedProxies = serve.Proxies{netip.MustParsePrefix("127.0.0.0/8")}
	s := start(t, config)
	s.Ready(t)
	s.KeepsItsDoor(t, "/v1/queues", issuer.Token(auth.Administrator))
}
