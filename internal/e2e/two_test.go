package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/child"
	"foliocast/internal/job"
	"foliocast/internal/postgres"
	"foliocast/internal/problem"
)

// site is two instances of each service and three worlds on one PostgreSQL, set up as
// docs/two.md says, without foliocast up.
type site struct {
	*cluster
	dir      string
	database map[string]string // address of each service's database
	common   []string          // settings of all
	balance  map[string]*relay
	ports    map[string][]int
	running  map[string]*exec.Cmd // "queue 0"
	accounts map[string][]string  // settings of the service accounts

	mu    sync.Mutex
	parts map[string]int // how often each part of an answer was fetched from the queues
}

// Two of each service and three worlds are one service: each instance and a world are
// ended in turn while jobs are submitted, a client notices nothing but waiting, one that
// follows the events has each of them once, and an answer in parts is fetched by one of the two data services.
func TestTwoOfEverything(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.cluster
	c.addPrices(t)
	told := c.follow(t)
	var ids []job.ID
	submit := func(n int) {
		for range n {
			ids = append(ids, c.submit(t, fmt.Sprintf("key-%d", len(ids))))
		}
	}
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		for i := range 2 {
			submit(5)
			s.restart(t, name, i)
		}
	}
	submit(5)
	kill9(t, -s.running["mpicalc 0"].Process.Pid) // with its mpirun: nothing starts it again
	submit(5)
	c.eachDone(t, ids)
	told(ids)
	s.fetchedOnce(t)
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{dir: dir, database: map[string]string{}, balance: map[string]*relay{}, ports: map[string][]int{},
		running: map[string]*exec.Cmd{}, accounts: map[string][]string{}, parts: map[string]int{}}
	s.startPostgres(t)
	free := freePorts(t, 6)
	for i, name := range []string{"authsvc", "queue", "frontend"} {
		s.ports[name] = free[2*i : 2*i+2]
		s.balance[name] = newRelay(t, func() []string {
			return []string{fmt.Sprintf("127.0.0.1:%d", free[2*i]), fmt.Sprintf("127.0.0.1:%d", free[2*i+1])}
		})
	}
	counted := httptest.NewServer(s.counting(t, s.balance["queue"].url()))
	t.Cleanup(counted.Close)
	s.common = []string{"FOLIOCAST_ISSUER=" + s.balance["authsvc"].url(), "FOLIOCAST_AUTH_URL=" + s.balance["authsvc"].url(), "FOLIOCAST_QUEUE_URL=" + counted.URL,
		"FOLIOCAST_FRONTEND_URL=" + s.balance["frontend"].url(), "FOLIOCAST_STOP_NOTICE=1s", "FOLIOCAST_DATA_DIR=" + filepath.Join(dir, "data"),
		"FOLIOCAST_KEY_ENCRYPTION_FILE=" + filepath.Join(dir, "signing.key"), "FOLIOCAST_ADMIN_FILE=" + filepath.Join(dir, "admin.json")}
	s.start(t, "authsvc", 0) // the first makes the administrator and the key
	s.accounts["frontend"] = s.account(t, "frontend", "queue:enqueue", "results:read")
	s.accounts["mpicalc"] = s.account(t, "worker", "queue:lease", "datasets:read")
	s.start(t, "authsvc", 1)
	for _, name := range []string{"queue", "frontend"} {
		s.start(t, name, 0)
		s.start(t, name, 1)
	}
	for i := range 3 {
		s.startWorld(t, i)
	}
	c := &cluster{state: dir, program: exec.Command, http: &http.Client{Timeout: 20 * time.Second}}
	for name, b := range s.balance {
		c.run.Parts = append(c.run.Parts, runPart{Name: name, URL: b.url()})
	}
	c.token = c.signIn(t, c.admin(t))
	s.cluster = c
	return s
}

// startPostgres starts a server with a role for each service.
func (s *site) startPostgres(t *testing.T) {
	t.Helper()
	server, err := postgres.NewCluster(filepath.Join(s.dir, "postgres"), freePorts(t, 1)[0], false)
	if err == nil {
		err = server.Init()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.begin(t, "postgres", server.Command(), syscall.SIGINT)
	if err := postgres.Await(t.Context(), server.URL()); err != nil {
		t.Fatal(err)
	}
	var roles []postgres.Role
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		roles = append(roles, postgres.Role{Name: "foliocast_" + name, Schema: name, Password: "secret"})
		s.database[name] = server.URLFor("foliocast_"+name, "secret")
	}
	if err := postgres.Confine(t.Context(), server.URL(), roles...); err != nil {
		t.Fatal(err)
	}
}

// begin starts a process, which is told to stop when the test ends.
func (s *site) begin(t *testing.T, name string, cmd *exec.Cmd, stop syscall.Signal) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(s.dir, strings.ReplaceAll(name, " ", "-")+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.running[name] = cmd
	t.Cleanup(func() {
		s.end(cmd, stop)
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("%s ends with:\n%s", name, text[max(0, len(text)-2000):])
		}
	})
}

// end stops a process, and kills what is left of its group after half a minute.
func (s *site) end(cmd *exec.Cmd, stop syscall.Signal) {
	_ = cmd.Process.Signal(stop) // an error means that it has ended
	late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait() // an error means that it was waited for
	late.Stop()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// start starts instance i of a service and waits until it is ready.
func (s *site) start(t *testing.T, name string, i int) {
	t.Helper()
	cmd := exec.Command(program(t, name), "serve")
	cmd.Env = append(append(os.Environ(), s.common...), fmt.Sprintf("FOLIOCAST_LISTEN=127.0.0.1:%d", s.ports[name][i]), "FOLIOCAST_DATABASE_URL="+s.database[name])
	cmd.Env = append(cmd.Env, s.accounts[name]...)
	s.begin(t, fmt.Sprint(name, " ", i), cmd, syscall.SIGTERM)
	await(t, time.Minute, fmt.Sprintf("%s %d", name, i), func() (bool, string) {
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/readyz", s.ports[name][i]))
		if err != nil {
			return false, err.Error()
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK, resp.Status
	})
}

// restart stops instance i of a service as an upgrade does, and starts it again.
func (s *site) restart(t *testing.T, name string, i int) {
	t.Helper()
	s.end(s.running[fmt.Sprint(name, " ", i)], syscall.SIGTERM)
	s.start(t, name, i)
}

// account adds a service account and returns it as settings.
func (s *site) account(t *testing.T, name string, scopes ...string) []string {
	t.Helper()
	args := []string{"service", "add", name}
	for _, scope := range scopes {
		args = append(args, "--scope", scope)
	}
	cmd := exec.Command(program(t, "authsvc"), args...)
	cmd.Env = append(append(os.Environ(), s.common...), "FOLIOCAST_DATABASE_URL="+s.database["authsvc"])
	out, err := cmd.Output()
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err == nil {
		err = json.Unmarshal(out, &made)
	}
	if err != nil {
		t.Fatalf("add the account %s: %v", name, err)
	}
	return []string{"FOLIOCAST_CLIENT_ID=" + made.ID, "FOLIOCAST_CLIENT_SECRET=" + made.Secret}
}

func (s *site) startWorld(t *testing.T, i int) {
	t.Helper()
	cmd := exec.Command("mpirun", "-np", "1", "--bind-to", "none", "--oversubscribe", "--mca", "btl", "self", "--mca", "oob_tcp_if_include", "lo",
		program(t, "mpicalc"), "serve", "--grace", "5s")
	cmd.Env = append(append(append(os.Environ(), s.common...), openMPI()...), s.accounts["mpicalc"]...)
	s.begin(t, fmt.Sprint("mpicalc ", i), cmd, syscall.SIGTERM)
}

// counting passes requests on and counts those for parts of answers.
func (s *site) counting(t *testing.T, to string) http.Handler {
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // instances and callers come and go
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/parts/") {
			s.mu.Lock()
			s.parts[r.URL.Path]++
			s.mu.Unlock()
		}
		proxy.ServeHTTP(w, r)
	})
}

// fetchedOnce has a large answer computed and sees that its parts are fetched once.
func (s *site) fetchedOnce(t *testing.T) {
	t.Helper()
	const assets = 400
	var b strings.Builder
	b.WriteString("step")
	for a := range assets {
		fmt.Fprintf(&b, ",A%d", a)
	}
	for i := range 30 {
		fmt.Fprintf(&b, "\n%d", i)
		for a := range assets {
			fmt.Fprintf(&b, ",%d", a+i*i%7)
		}
	}
	if err := s.upload(t.Context(), "wide", b.String()+"\n"); err != nil {
		t.Fatal(err)
	}
	var j job.Job
	spec := job.Spec{Dataset: "wide", Assets: []string{"*"}, Horizon: 200, Model: "drift", Levels: []float64{}}
	s.retry(t, time.Minute, func() error {
		_, err := problem.Call{Method: "POST", URL: s.run.url("frontend") + "/v1/jobs", Body: spec, Into: &j,
			Header: http.Header{"Authorization": {"Bearer " + s.token}, "Idempotency-Key": {"wide"}}}.Do(t.Context(), s.http)
		return err
	})
	if got := s.waitJob(t, j.ID, time.Minute); got.State != job.Done {
		t.Fatalf("ended as %s: %v", got.State, got.Error)
	}
	if a := s.answer(t, j.ID); len(a.Assets) != assets {
		t.Errorf("the answer has %d assets, want %d", len(a.Assets), assets)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.parts) < 2 {
		t.Errorf("the answer has %d parts, want more", len(s.parts))
	}
	for path, n := range s.parts {
		if n != 1 {
			t.Errorf("%s was fetched %d times, want once", path, n)
		}
	}
}
