package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"foliocast/internal/problem"
)

// fault is one kind of trouble. It returns when it is over.
type fault struct {
	name string
	make func(t *testing.T, c *chaos, random *rand.Rand)
}

// faults are all kinds.
func faults() []fault {
	var all []fault
	add := func(name string, do func(t *testing.T, c *chaos, random *rand.Rand)) {
		all = append(all, fault{name, do})
	}
	for _, part := range []string{"authsvc", "queue", "frontend", "mpicalc", "rank 0", "rank 1"} {
		add("kill "+part, func(t *testing.T, c *chaos, _ *rand.Rand) { c.signal(t, part, syscall.SIGKILL) })
		// The supervisor ends what hangs.
		add("freeze "+part, func(t *testing.T, c *chaos, _ *rand.Rand) { c.signal(t, part, syscall.SIGSTOP) })
		// Longer than a lease.
		add("suspend "+part, func(t *testing.T, c *chaos, _ *rand.Rand) { c.suspend(t, part, hangAfter-2*time.Second) })
	}
	for _, part := range []string{"authsvc", "queue", "frontend"} {
		add("restart "+part, func(t *testing.T, c *chaos, _ *rand.Rand) { c.signal(t, part, syscall.SIGTERM) })
	}
	add("kill every second instance", func(t *testing.T, c *chaos, _ *rand.Rand) { c.killSeconds() })
	add("rolling restart", rollingRestart)
	add("kill postgres", func(t *testing.T, c *chaos, _ *rand.Rand) { c.signal(t, "postgres", syscall.SIGKILL) })
	add("freeze postgres", func(t *testing.T, c *chaos, _ *rand.Rand) { c.signal(t, "postgres", syscall.SIGSTOP) })
	add("stop postgres, immediate", func(t *testing.T, c *chaos, _ *rand.Rand) { c.signal(t, "postgres", syscall.SIGQUIT) })
	add("stop postgres, fast", func(t *testing.T, c *chaos, _ *rand.Rand) { c.signal(t, "postgres", syscall.SIGINT) })
	add("kill one backend", func(t *testing.T, c *chaos, random *rand.Rand) { c.killBackend(t, random) })
	add("terminate all backends", func(t *testing.T, c *chaos, _ *rand.Rand) {
		c.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
	})
	add("kill everything", func(t *testing.T, c *chaos, _ *rand.Rand) { c.killAll(t) })
	add("kill everything and the supervisor", killSupervisor)
	for name, what := range map[string]trouble{"cut": cut, "delay": slow, "half-open": halfOpen, "lost answers": mute, "storm of 429": busy} {
		for link, of := range map[string]func(*chaos) *relay{
			"clients": func(c *chaos) *relay { return c.clients }, "data service to queue": func(c *chaos) *relay { return c.queues },
			"worker to queue": func(c *chaos) *relay { return c.workers }, "services to postgres": func(c *chaos) *relay { return c.database },
		} {
			if what == busy && link == "services to postgres" {
				continue
			}
			add(name+": "+link, func(t *testing.T, c *chaos, random *rand.Rand) {
				of(c).make(what)
				lasts(random, time.Second, 4*time.Second)
				of(c).make(fine)
			})
		}
	}
	add("rotate the key of the keys", rotateKeys)
	add("new signing keys", resetKeys)
	add("no connection left", exhaust)
	add("a lock on all messages", func(t *testing.T, c *chaos, _ *rand.Rand) {
		c.hold(t, "LOCK TABLE queue.message IN ACCESS EXCLUSIVE MODE")
	})
	add("a lock on all jobs", func(t *testing.T, c *chaos, _ *rand.Rand) {
		c.hold(t, "LOCK TABLE frontend.job IN ACCESS EXCLUSIVE MODE")
	})
	add("all leases expire", func(t *testing.T, c *chaos, _ *rand.Rand) {
		c.exec(t, "UPDATE queue.message SET leased_until = leased_until - interval '1 hour' WHERE leased_until IS NOT NULL")
	})
	add("queues added and removed", changeQueues)
	add("every queue paused", pauseQueues)
	add("full disk", fillDisk)
	slices.SortFunc(all, func(a, b fault) int { return strings.Compare(a.name, b.name) }) // maps have no order
	return all
}

// lasts waits for the time of a fault.
func lasts(random *rand.Rand, least, most time.Duration) {
	<-time.After(least + time.Duration(random.Int64N(int64(most-least)))) // the fault itself takes time
}

// find waits for the process of a part that lives.
func (c *chaos) find(t *testing.T, part string) int {
	t.Helper()
	var pid int
	await(t, time.Minute, "the process of "+part, func() (bool, string) {
		pid = c.victim(t, part)
		return alive(pid), "it is being started"
	})
	return pid
}

// signal sends a signal to a part of foliocast up. That it died a moment ago is no fault.
func (c *chaos) signal(t *testing.T, part string, s syscall.Signal) {
	t.Helper()
	_ = syscall.Kill(c.find(t, part), s)
}

func (c *chaos) suspend(t *testing.T, part string, d time.Duration) {
	t.Helper()
	pid := c.find(t, part)
	_ = syscall.Kill(pid, syscall.SIGSTOP)
	<-time.After(d) // the fault itself
	_ = syscall.Kill(pid, syscall.SIGCONT)
}

func (c *chaos) killSeconds() {
	for _, s := range c.seconds {
		_ = syscall.Kill(s.pid(), syscall.SIGKILL)
	}
}

// rollingRestart stops the instances of the services one after the other, each when the
// other is ready.
func rollingRestart(t *testing.T, c *chaos, _ *rand.Rand) {
	for _, name := range []string{"authsvc", "queue", "frontend"} {
		second := fmt.Sprintf("http://127.0.0.1:%d", c.seconds[name].port)
		for _, at := range []string{second, c.run.url(name)} {
			pid := c.find(t, name)
			if at == second {
				pid = c.seconds[name].pid()
			}
			_ = syscall.Kill(pid, syscall.SIGTERM)
			await(t, time.Minute, "the end of a "+name, func() (bool, string) { return !alive(pid), "it drains" })
			await(t, time.Minute, "another "+name, func() (bool, string) {
				resp, err := c.http.Get(at + "/readyz")
				if err != nil {
					return false, err.Error()
				}
				resp.Body.Close()
				return resp.StatusCode == 200, resp.Status
			})
		}
	}
}

// killBackend kills the server process of one session, after which PostgreSQL starts all
// of them again.
func (c *chaos) killBackend(t *testing.T, random *rand.Rand) {
	all := children(t, c.find(t, "postgres"))
	if len(all) > 0 {
		_ = syscall.Kill(all[random.IntN(len(all))], syscall.SIGKILL)
	}
}

func (c *chaos) killAll(t *testing.T) {
	c.reload(t)
	for _, p := range c.run.Parts {
		_ = syscall.Kill(p.PID, syscall.SIGKILL)
	}
	c.killSeconds()
}

func killSupervisor(t *testing.T, c *chaos, _ *rand.Rand) {
	c.reload(t)
	run := c.run.Supervisor
	_ = syscall.Kill(run, syscall.SIGKILL)
	c.killAll(t)
	await(t, time.Minute, "the end of the supervisor", func() (bool, string) { return !alive(run), "it lives" })
	for name := range c.seconds { // foliocast up changes their passwords
		c.endSecond(name)
	}
	c.up(t)
	for name := range c.seconds {
		c.startSecond(t, name)
	}
}

// rotateKeys gives authsvc another key for its keys, and restarts its instances.
func rotateKeys(t *testing.T, c *chaos, _ *rand.Rand) {
	c.authsvc(t, "key", "rotate")
	c.signal(t, "authsvc", syscall.SIGTERM)
	_ = syscall.Kill(c.seconds["authsvc"].pid(), syscall.SIGTERM)
}

// resetKeys removes the signing keys: all access tokens end.
func resetKeys(t *testing.T, c *chaos, _ *rand.Rand) {
	c.authsvc(t, "key", "reset")
	c.signal(t, "authsvc", syscall.SIGKILL)
	_ = syscall.Kill(c.seconds["authsvc"].pid(), syscall.SIGKILL)
}

// authsvc runs a command of authsvc with the settings of the service, until it works.
func (c *chaos) authsvc(t *testing.T, args ...string) {
	t.Helper()
	await(t, time.Minute, "authsvc", func() (bool, string) {
		cmd := exec.Command(program(t, "authsvc"), args...)
		cmd.Env = c.environ("authsvc")
		out, err := cmd.CombinedOutput()
		return err == nil, fmt.Sprint(err, string(out))
	})
}

// connect opens sessions of the superuser, as many as it gets.
func (c *chaos) connect(t *testing.T, n int) []*pgx.Conn {
	var open []*pgx.Conn
	for range n {
		conn, err := pgx.Connect(t.Context(), c.superuser(t))
		if err != nil {
			break
		}
		open = append(open, conn)
	}
	return open
}

// exhaust takes every connection that the server has, after the services have lost theirs.
func exhaust(t *testing.T, c *chaos, random *rand.Rand) {
	open := c.connect(t, 200)
	if len(open) > 0 {
		_, _ = open[0].Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'foliocast\\_%'")
	}
	open = append(open, c.connect(t, 200)...)
	lasts(random, 2*time.Second, 3*time.Second)
	for _, conn := range open {
		conn.Close(t.Context())
	}
}

// exec runs a statement as the superuser.
func (c *chaos) exec(t *testing.T, sql string) {
	t.Helper()
	await(t, time.Minute, sql, func() (bool, string) {
		conn, err := pgx.Connect(t.Context(), c.superuser(t))
		if err != nil {
			return false, err.Error()
		}
		defer conn.Close(t.Context())
		_, err = conn.Exec(t.Context(), sql)
		return err == nil, fmt.Sprint(err)
	})
}

// hold keeps a lock for three seconds.
func (c *chaos) hold(t *testing.T, sql string) { c.exec(t, sql+"; SELECT pg_sleep(3)") }

// operate sends a request of the operator to the queue, until it works.
func (c *chaos) operate(t *testing.T, method, path string, body any, done problem.Kind) {
	t.Helper()
	await(t, time.Minute, path, func() (bool, string) {
		token := c.access(t)
		err := c.callAs(t.Context(), token, c.balancer.url(), method, "/v1/queues"+path, body, nil)
		if problem.Is(err, problem.Unauthorized) {
			c.refused(token)
		}
		return err == nil || problem.Is(err, done), fmt.Sprint(err)
	})
}

func changeQueues(t *testing.T, c *chaos, random *rand.Rand) {
	for _, name := range []string{"chaos-a", "chaos-b"} {
		c.operate(t, "POST", "", map[string]string{"name": name}, problem.Conflict)
	}
	lasts(random, time.Second, 2*time.Second)
	for _, name := range []string{"chaos-b", "chaos-a"} {
		c.operate(t, "DELETE", "/"+name, nil, problem.NotFound)
	}
}

func pauseQueues(t *testing.T, c *chaos, random *rand.Rand) {
	c.operate(t, "POST", "/default/pause", nil, problem.NotFound)
	lasts(random, time.Second, 3*time.Second)
	c.operate(t, "POST", "/default/resume", nil, problem.NotFound)
}

// fillDisk takes all space of the file system on which everything is kept, that of the
// database too.
func fillDisk(t *testing.T, c *chaos, random *rand.Rand) {
	path := filepath.Join(filepath.Dir(c.state), "ballast")
	f, err := os.Create(path)
	if err != nil {
		return // it is full
	}
	defer os.Remove(path)
	defer f.Close()
	buffer := make([]byte, 1<<20)
	for size := len(buffer); size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(buffer[:size])
		}
	}
	lasts(random, 2*time.Second, 3*time.Second)
}
