package frontend

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"foliocast/frontend/client"
	"foliocast/frontend/queuetest"
	"foliocast/internal/auth"
	"foliocast/internal/auth/authtest"
	"foliocast/internal/job"
	"foliocast/internal/postgres/pgtest"
	"foliocast/internal/problem"
	"foliocast/internal/serve"
	"foliocast/internal/serve/servetest"
	"foliocast/queue/message"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// start serves until the test ends, or until its Stop.
func start(t *testing.T, config Config) *servetest.Service {
	t.Helper()
	return servetest.Start(t, func(ctx context.Context, log *slog.Logger) error { return serveFrontend(ctx, log, config) })
}

func testConfig(t *testing.T, issuer *authtest.Issuer) Config {
	t.Helper()
	return Config{Listen: "127.0.0.1:0", DatabaseURL: pgtest.URL(t), Connections: 4, AuthURL: issuer.URL, Issuer: auth.DefaultIssuer,
		QueueURL: "http://127.0.0.1:1", ClientID: "frontend", ClientSecret: "secret", DataDir: filepath.Join(t.TempDir(), "data"),
		OpenDatasets: 2, MaxUpload: 1 << 20, MaxMapped: 2 << 20, UploadTime: time.Minute, RateLimit: 5000, schema: pgtest.Schema(t)}
}

const prices = "unique_id,ds,y\nDAX,1,10\nDAX,2,11\nDAX,3,12\n"

func uploadPrices(t *testing.T, c *client.Client) {
	t.Helper()
	if _, err := c.UploadDataset(t.Context(), "prices", strings.NewReader(prices), "text/csv", client.Reading{}); err != nil {
		t.Fatal(err)
	}
}

// The service listens before its database answers, reports that it is not ready, and starts by itself.
func TestStartBeforeTheDatabase(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config := testConfig(t, issuer)
	gate := pgtest.NewGate(t)
	gate.Shut()
	config.DatabaseURL = gate.URL
	service := start(t, config)
	if !service.Answers("/readyz", http.StatusServiceUnavailable) {
		t.Error("it is ready without a database")
	}
	c := client.New(service.URL, nil, auth.Static(issuer.Token(auth.Administrator)))
	if _, err := c.Datasets(t.Context(), "", 0); !problem.Is(err, problem.Unavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
	servetest.Until(t, "it has tried once", func() bool { return strings.Contains(service.Log.String(), "waiting for PostgreSQL") })
	gate.Open()
	service.Ready(t)
	uploadPrices(t, c)
}

// The database becomes unreachable and comes back: nothing is lost, and nobody has to intervene.
func TestTheDatabaseBecomesUnreachable(t *testing.T) {
	t.Parallel()
	issuer, queue := authtest.New(t), queuetest.New(t)
	config := testConfig(t, issuer)
	config.AuthURL, config.QueueURL = identity(t, issuer), queue.URL()
	gate := pgtest.NewGate(t)
	config.DatabaseURL = gate.URL
	service := start(t, config)
	service.Ready(t)
	c := client.New(service.URL, nil, auth.Static(issuer.Token(auth.Administrator)))
	uploadPrices(t, c)
	spec := job.Spec{Dataset: "prices", Assets: []string{"*"}, Horizon: 1}
	j, err := c.CreateJob(t.Context(), spec, "before")
	if err != nil {
		t.Fatal(err)
	}
	servetest.Until(t, "the queue has it", func() bool { return len(queue.Keys()) == 1 })
	gate.Shut()
	if _, err := c.CreateJob(t.Context(), spec, "while"); !problem.Is(err, problem.Unavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
	queue.End(string(j.ID), message.Result{Outcome: message.Failed, Error: "bad luck"})
	if !service.Answers("/readyz", http.StatusServiceUnavailable) {
		t.Error("it is ready without a database")
	}
	gate.Open()
	service.Ready(t)
	got, err := c.WaitJob(t.Context(), j.ID, time.Minute)
	if err != nil || got.State != job.Failed {
		t.Errorf("got %s, %v", got.State, err)
	}
	if _, err := c.CreateJob(t.Context(), spec, "while"); err != nil {
		t.Error(err)
	}
	servetest.Until(t, "the queue has the next", func() bool { return len(queue.Keys()) == 2 })
}

// identity is an identity service that issues tokens to the frontend.
func identity(t *testing.T, issuer *authtest.Issuer) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			resp, err := http.Get(issuer.URL + r.URL.Path)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
			var b bytes.Buffer
			if _, err := b.ReadFrom(resp.Body); err == nil {
				_, _ = w.Write(b.Bytes())
			}
			return
		}
		queuetest.Answer(w, map[string]any{"access_token": issuer.Service("frontend", auth.QueueEnqueue, auth.ResultsRead), "token_type": "Bearer", "expires_in": 600})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Two processes share one database, one directory and one queue. A job completes,
// whichever of them a client asks, and a caller that waits at one is answered when
// the other has recorded the end.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	queue := queuetest.New(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	queue.Fault(func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		seen[r.Header.Get("Authorization")] = true
		return false
	})
	config := testConfig(t, issuer)
	config.AuthURL, config.QueueURL = identity(t, issuer), queue.URL()
	first, second := start(t, config), start(t, config)
	first.Ready(t)
	second.Ready(t)
	token := issuer.Token(auth.Administrator)
	one, two := client.New(first.URL, nil, auth.Static(token)), client.New(second.URL, nil, auth.Static(token))
	uploadPrices(t, one)
	spec := job.Spec{Dataset: "prices", Assets: []string{"*"}, Horizon: 1}
	var ids []job.ID
	for _, c := range []*client.Client{one, two} {
		j, err := c.CreateJob(t.Context(), spec, "key for both")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, j.ID)
	}
	if ids[0] != ids[1] {
		t.Errorf("one key made two jobs: %v", ids)
	}
	servetest.Until(t, "the queue has it", func() bool { return len(queue.Keys()) == 1 })
	answer, err := json.Marshal(job.Answer{Job: ids[0], State: job.Done, Time: job.TimeStep, Assets: []job.Asset{{Asset: "DAX", Model: "naive", DS: []string{"4"}, Mean: []float64{12}}}})
	if err != nil {
		t.Fatal(err)
	}
	waitAtBoth := waiting(t, ids[0], one, two)
	queue.End(string(ids[0]), message.Result{Outcome: message.Completed, Result: answer})
	waitAtBoth()
	if err := first.Stop(); err != nil {
		t.Error(err)
	}
	var b bytes.Buffer
	if err := two.Result(t.Context(), ids[0], "text/csv", &b); err != nil || b.String() != "unique_id,ds,model,mean,lo-80,hi-80,lo-95,hi-95,members\nDAX,4,naive,12,,,,,\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
	mu.Lock()
	defer mu.Unlock()
	if seen["Bearer "+token] || len(seen) == 0 {
		t.Error("the user's token went on to the queue")
	}
}

// waiting lets each client wait for a job, and returns a function that waits
// for all of them.
func waiting(t *testing.T, id job.ID, clients ...*client.Client) func() {
	ended := make(chan error, len(clients))
	for _, c := range clients {
		go func() {
			j, err := c.WaitJob(t.Context(), id, time.Minute)
			if err == nil && j.State != job.Done {
				err = problem.Newf(problem.Internal, "it is %s", j.State)
			}
			ended <- err
		}()
	}
	return func() {
		t.Helper()
		for range clients {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
}

// A stop answers the requests that are waiting, and does not take long.
func TestStopAnswersWaitingRequests(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	service := start(t, testConfig(t, issuer))
	service.Ready(t)
	c := client.New(service.URL, nil, auth.Static(issuer.Token(auth.Administrator)))
	uploadPrices(t, c)
	j, err := c.CreateJob(t.Context(), job.Spec{Dataset: "prices", Assets: []string{"DAX"}, Horizon: 1}, "")
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan answer, 1)
	go func() {
		req, err := http.NewRequest(http.MethodGet, service.URL+"/v1/jobs/"+string(j.ID)+"?wait=60s", nil)
		if err != nil {
			came <- answer{0, err}
			return
		}
		req.Header.Set("Authorization", "Bearer "+issuer.Token(auth.Manager))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			came <- answer{0, err}
			return
		}
		resp.Body.Close()
		came <- answer{resp.StatusCode, nil}
	}()
	servetest.Until(t, "a request waits", func() bool { return strings.Contains(service.Log.String(), `"route":"/v1/jobs"`) })
	if err := service.Stop(); err != nil {
		t.Error(err)
	}
	if got := <-came; got.err == nil && got.status != http.StatusOK {
		t.Errorf("got %+v", got)
	}
}

type answer struct {
	status int
	err    error
}

func TestHelpListsTheSettings(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &out, &errs); code != 0 || !strings.Contains(out.String(), "FOLIOCAST_DATA_DIR") {
		t.Errorf("got %d: %s%s", code, out.String(), errs.String())
	}
	if code := run(t.Context(), []string{"--version"}, &out, &errs); code != 0 {
		t.Errorf("got %d", code)
	}
	if code := run(t.Context(), []string{"nonsense"}, &out, &errs); code != 2 || !strings.Contains(errs.String(), "--help") {
		t.Errorf("got %d: %s", code, errs.String())
	}
}

func TestInvalidSettings(t *testing.T) {
	t.Parallel()
	c := Config{AuthURL: "x", QueueURL: "ftp://x", DatabaseURL: "postgres://%zz"}
	err := c.Validate()
	if err == nil {
		t.Fatal("Validate accepted it")
	}
	for _, name := range []string{"LISTEN", "DATABASE_URL", "DATABASE_CONNECTIONS", "AUTH_URL", "QUEUE_URL", "ISSUER", "CLIENT_ID", "CLIENT_SECRET",
		"DATA_DIR", "OPEN_DATASETS", "MAX_UPLOAD", "MAX_MAPPED", "READ_MEMORY", "MAX_UPLOADS", "USER_UPLOADS", "USER_JOBS", "USER_BYTES", "UPLOAD_TIME", "RATE_LIMIT"} {
		if !strings.Contains(err.Error(), "FOLIOCAST_"+name+" ") {
			t.Errorf("FOLIOCAST_%s is not named: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "%zz") {
		t.Error("a value is repeated, which may be a password")
	}
}

func TestUnusableDataDirectory(t *testing.T) {
	t.Parallel()
	config := testConfig(t, authtest.New(t))
	config.DataDir = filepath.Join(t.TempDir(), "file", "data")
	if err := os.WriteFile(filepath.Dir(config.DataDir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := serveFrontend(t.Context(), slog.New(slog.DiscardHandler), config); err == nil {
		t.Error("it started without a data directory")
	}
}

func TestTokensForOtherServicesAreRefused(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	s := start(t, testConfig(t, issuer))
	s.Ready(t)
	for _, service := range auth.AllAudiences() {
		_, err := client.New(s.URL, nil, auth.Static(issuer.For(service))).Datasets(t.Context(), "", 0)
		if service == auth.Frontend && err != nil || service != auth.Frontend && !problem.Is(err, problem.Unauthorized) {
			t.Errorf("a token for %s: %v", service, err)
		}
	}
}

func TestSessionsThatEndAreRefused(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	s := start(t, testConfig(t, issuer))
	s.Ready(t)
	claims := issuer.Claims(auth.Administrator)
	c := client.New(s.URL, nil, auth.Static(issuer.Sign(claims)))
	if _, err := c.Datasets(t.Context(), "", 0); err != nil {
		t.Fatal(err)
	}
	issuer.End(claims)
	servetest.Until(t, "the session is refused", func() bool {
		_, err := c.Datasets(t.Context(), "", 0)
		return problem.Is(err, problem.Unauthorized)
	})
}

func TestTheDoorHasItsSettings(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	config := testConfig(t, issuer)
	config.MetricsToken, config.StopNotice = servetest.MetricsToken, servetest.StopNotice
	config.TrustedProxies = serve.Proxies{netip.MustParsePrefix("127.0.0.0/8")}
	s := start(t, config)
	s.Ready(t)
	s.KeepsItsDoor(t, "/v1/jobs", issuer.Token(auth.Administrator))
}
