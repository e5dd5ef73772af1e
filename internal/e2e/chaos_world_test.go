package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/child"
	"foliocast/internal/problem"
)

// chaos is a whole Foliocast under foliocast up, a second instance of each service and a
// second world beside it on the same PostgreSQL, and relays on all connections between
// them.
type chaos struct {
	*cluster
	*record
	programs string // directory of the programs that foliocast up starts
	base     string // port of the first service
	slow     int    // one job in so many takes long

	clients, queues, workers, auth, database *relay // between those and the next
	balancer                                 *relay // before the two queues, without trouble
	seconds                                  map[string]*second

	mu    sync.Mutex
	login string // access token
	since time.Time
}

// second is the second instance of a part, which is started again when it ends.
type second struct {
	port int
	pid  func() int
	end  func()
}

// chaosAttempts are so many that no number of lost leases kills a job: a job that is dead has
// met a fault of ours.
const chaosAttempts = 50

// chaosSettings make leases end soon.
var chaosSettings = []string{"FOLIOCAST_LEASE=3s", fmt.Sprint("FOLIOCAST_MAX_ATTEMPTS=", chaosAttempts), "FOLIOCAST_STOP_NOTICE=1s", "FOLIOCAST_LOG_LEVEL=WARN"}

// hangAfter is longer than a lease: a part that is frozen for a time between the two comes
// back after its leases were given to others.
const hangAfter = 6 * time.Second

// startChaos starts everything, with some programs replaced by those at other paths.
func startChaos(t *testing.T, r *record, replaced map[string]string) *chaos {
	t.Helper()
	c := &chaos{record: r, programs: filepath.Join(t.TempDir(), "programs"), seconds: map[string]*second{}}
	c.cluster = &cluster{state: c.disk(t), environment: chaosSettings, program: exec.Command, http: &http.Client{Timeout: 10 * time.Second}}
	base := freePorts(t, 6)
	c.base = fmt.Sprint(base[0])
	instances := func(name string, first int) func() []string {
		c.seconds[name] = &second{port: base[first] + 3}
		return func() []string {
			return []string{fmt.Sprintf("127.0.0.1:%d", base[first]), fmt.Sprintf("127.0.0.1:%d", base[first]+3)}
		}
	}
	c.seconds["mpicalc"] = &second{}
	c.auth = newRelay(t, instances("authsvc", 0))
	c.balancer = newRelay(t, instances("queue", 1))
	c.clients = newRelay(t, instances("frontend", 2))
	c.database = newRelay(t, c.postgres)
	toQueue := func(who string) func() []string {
		address := newWire(t, &wire{who: who, queue: c.balancer.url, record: r})
		return func() []string { return []string{address} }
	}
	c.queues, c.workers = newRelay(t, toQueue("frontend")), newRelay(t, toQueue("worker"))
	c.wrap(t, replaced)
	c.up(t)
	t.Cleanup(func() { c.down(t) })
	for name := range c.seconds {
		c.startSecond(t, name)
	}
	c.token = c.access(t)
	return c
}

// disk is a small file system for the state, in memory, so that it can be full.
func (c *chaos) disk(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	command(t, "mount", "-t", "tmpfs", "-o", "size=1g,mode=755", "chaos", dir)
	t.Cleanup(func() {
		await(t, time.Minute, "the disk to be free", func() (bool, string) {
			err := syscall.Unmount(dir, 0)
			return err == nil, fmt.Sprint(err)
		})
	})
	return filepath.Join(dir, "state")
}

// wrap writes the programs that foliocast up starts: each sends the real one through the
// relays.
func (c *chaos) wrap(t *testing.T, replaced map[string]string) {
	t.Helper()
	if err := os.Mkdir(c.programs, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, queue := range map[string]*relay{"authsvc": c.queues, "queue": c.queues, "frontend": c.queues, "mpicalc": c.workers} {
		real := replaced[name]
		if real == "" {
			real = program(t, name)
		}
		script := fmt.Sprintf(`#!/bin/sh
export FOLIOCAST_AUTH_URL=%s FOLIOCAST_QUEUE_URL=%s FOLIOCAST_FRONTEND_URL=%s
case $FOLIOCAST_DATABASE_URL in
postgres:*) export FOLIOCAST_DATABASE_URL="$(echo "$FOLIOCAST_DATABASE_URL" | sed -E 's#@127[.]0[.]0[.]1:[0-9]+/#@%s/#')" ;;
esac
exec %q "$@"
`, c.auth.url(), queue.url(), c.clients.url(), c.database.address(), real)
		if err := os.WriteFile(filepath.Join(c.programs, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	command(t, "cp", program(t, "foliocast"), c.programs)
}

// up runs foliocast up in the background and waits until everything answers.
func (c *chaos) up(t testing.TB) {
	t.Helper()
	cmd := exec.Command(filepath.Join(c.programs, "foliocast"), "--state", c.state, "up", "--np", "2", "--port-base", c.base,
		"--hang-after", hangAfter.String(), "--detach")
	cmd.Env = append(os.Environ(), chaosSettings...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("foliocast up: %v\n%s", err, out)
	}
	c.reload(t)
}

func (c *chaos) down(t *testing.T) {
	for name := range c.seconds {
		c.endSecond(name)
	}
	pids := c.processes(t)
	c.foliocast(t, "down")
	for _, pid := range pids {
		await(t, time.Minute, fmt.Sprintf("the end of process %d", pid), func() (bool, string) { return !alive(pid), "it lives" })
	}
	if t.Failed() {
		c.showLogs(t)
	}
}

var databasePort = regexp.MustCompile(`@(127\.0\.0\.1:[0-9]+)/`)

// postgres is where the server listens now.
func (c *chaos) postgres() []string {
	text, _ := os.ReadFile(filepath.Join(c.state, "run.json"))
	found := databasePort.FindSubmatch(text)
	if found == nil {
		return nil
	}
	return []string{string(found[1])}
}

// environ is the environment of a part of foliocast up.
func (c *chaos) environ(name string) []string {
	text, _ := os.ReadFile(filepath.Join(c.state, "run.json"))
	pid := regexp.MustCompile(`"name": "` + name + `",\s*"pid": ([0-9]+)`).FindSubmatch(text)
	if pid == nil {
		return nil
	}
	settings, _ := os.ReadFile("/proc/" + string(pid[1]) + "/environ")
	return strings.Split(strings.TrimRight(string(settings), "\x00"), "\x00")
}

// setting is the value of a setting in an environment.
func setting(environ []string, name string) string {
	for _, s := range environ {
		if value, ok := strings.CutPrefix(s, name+"="); ok {
			return value
		}
	}
	return ""
}

// startSecond starts the second instance of a part, with the settings of the first but an
// address of its own, and starts it again whenever it ends.
func (c *chaos) startSecond(t testing.TB, name string) {
	s := c.seconds[name]
	quit, done := make(chan bool), make(chan bool)
	var mu sync.Mutex
	var running *exec.Cmd
	log, err := os.OpenFile(filepath.Join(c.state, "log", name+"-2.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	var environ []string
	await(t, time.Minute, "the settings of "+name, func() (bool, string) {
		environ = c.environ(name)
		return setting(environ, "FOLIOCAST_PART") != "", "it is being started"
	})
	start := func() *exec.Cmd {
		cmd := c.secondCommand(name, s.port, environ)
		cmd.Stdout, cmd.Stderr = log, log
		mu.Lock()
		defer mu.Unlock()
		if err := child.Start(cmd, syscall.SIGKILL); err != nil {
			return nil
		}
		running = cmd
		return cmd
	}
	go func() {
		defer close(done)
		defer log.Close()
		for {
			if cmd := start(); cmd != nil {
				_ = cmd.Wait()
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // the ranks of an mpirun that was killed
			}
			select {
			case <-quit:
				return
			case <-time.After(300 * time.Millisecond):
			}
		}
	}()
	s.pid = func() int {
		mu.Lock()
		defer mu.Unlock()
		return running.Process.Pid
	}
	s.end = func() {
		close(quit)
		for {
			mu.Lock()
			_ = syscall.Kill(-running.Process.Pid, syscall.SIGKILL)
			mu.Unlock()
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
}

// endSecond ends the second instance of a part for good.
func (c *chaos) endSecond(name string) {
	if s := c.seconds[name]; s.end != nil {
		s.end()
		s.end = nil
	}
}

func (c *chaos) secondCommand(name string, port int, environ []string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.programs, name), "serve")
	own := map[string]string{"FOLIOCAST_LISTEN": fmt.Sprintf("127.0.0.1:%d", port), "FOLIOCAST_LINEAGE": "second", "FOLIOCAST_READY_FILE": "", "TMPDIR": os.TempDir()}
	if name == "mpicalc" {
		// One rank needs no shared memory, and mpirun may have what it leaves behind in the
		// directory of the first.
		cmd = exec.Command("mpirun", "-np", "1", "--bind-to", "none", "--oversubscribe", "--mca", "btl", "self", "--mca", "oob_tcp_if_include", "lo",
			filepath.Join(c.programs, name), "serve", "--grace", "5s")
	}
	for _, s := range environ {
		key, value, _ := strings.Cut(s, "=")
		if replaced, ok := own[key]; ok {
			value = replaced
		}
		if key != "FOLIOCAST_PART" && (!strings.HasPrefix(key, "FOLIOCAST_") || value != "") {
			cmd.Env = append(cmd.Env, key+"="+value)
		}
	}
	cmd.Dir = c.state
	return cmd
}

// access returns a token of the administrator that lasts.
func (c *chaos) access(t testing.TB) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.login != "" && time.Since(c.since) < 5*time.Minute {
		return c.login
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	who := c.admin(t)
	await(t, 2*time.Minute, "a login", func() (bool, string) {
		_, err := problem.Call{Method: "POST", URL: c.auth.url() + "/v1/login", Body: who, Into: &answer}.Do(t.Context(), c.http)
		return err == nil, fmt.Sprint(err)
	})
	c.login, c.since = answer.AccessToken, time.Now()
	return c.login
}

// refused forgets a token that a service has refused.
func (c *chaos) refused(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.login == token {
		c.login = ""
	}
}

// superuser is the address of the database for its superuser, past the relay.
func (c *chaos) superuser(t testing.TB) string {
	word, err := os.ReadFile(filepath.Join(c.state, "postgres.password"))
	if err != nil {
		t.Fatal(err)
	}
	at := c.postgres()
	if at == nil {
		t.Fatal("no server in run.json")
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword("foliocast", strings.TrimSpace(string(word))), Host: at[0], Path: "/postgres", RawQuery: "sslmode=disable"}
	return u.String()
}
