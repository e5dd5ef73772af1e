package up

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"foliocast/internal/postgres"
)

// databaseTime is how long the server of DATABASE_URL may take to answer.
const databaseTime = 5 * time.Second

// Databases are the addresses of the PostgreSQL databases of the services.
type Databases struct {
	Auth, Queue, Frontend string
}

// each lists the services, which is what their schemas are called, and where the
// addresses of their databases are.
func (d *Databases) each() []database {
	return []database{{"authsvc", &d.Auth}, {"queue", &d.Queue}, {"frontend", &d.Frontend}}
}

type database struct {
	service string
	url     *string
}

// startDatabase starts the private PostgreSQL server, unless the config names another,
// and returns the addresses for the services.
func (c *Cluster) startDatabase(ctx context.Context) (Databases, error) {
	if c.config.Databases != (Databases{}) {
		return c.config.Databases, c.checkDatabases(ctx)
	}
	port, err := freePorts(1)
	if err != nil {
		return Databases{}, err
	}
	dir := filepath.Join(c.config.State, "postgres")
	cluster, err := postgres.NewCluster(dir, port, !c.config.Throwaway)
	if errors.Is(err, postgres.ErrNotInstalled) {
		return Databases{}, fmt.Errorf("%w, or run make setup", err)
	}
	if err != nil {
		return Databases{}, err
	}
	if err := c.prepare(cluster); err != nil {
		return Databases{}, err
	}
	err = c.startPart(ctx, part{
		name: "postgres",
		url:  "postgres://foliocast@" + address(cluster.Port) + "/postgres",
		command: func() (*exec.Cmd, error) {
			endBackends(dir)
			return cluster.Command(), dropStaleLock(dir)
		},
		ready:    takes(cluster.URL()),
		alive:    hears(cluster.URL()),
		stop:     []step{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}},
		orphaned: syscall.SIGINT,
	})
	if err != nil {
		return Databases{}, err
	}
	return confined(ctx, cluster)
}

// confined makes the role of each service on the private server, with a password for
// this start, and returns their addresses. Only this package is the superuser.
func confined(ctx context.Context, cluster *postgres.Cluster) (Databases, error) {
	var d Databases
	var roles []postgres.Role
	for _, db := range d.each() {
		r := postgres.Role{Name: "foliocast_" + db.service, Schema: db.service, Password: rand.Text()}
		roles = append(roles, r)
		*db.url = cluster.URLFor(r.Name, r.Password)
	}
	return d, postgres.Confine(ctx, cluster.URL(), roles...)
}

// checkDatabases returns an error when one of the servers that the config names does
// not answer, and says so when a service would be a superuser.
func (c *Cluster) checkDatabases(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, databaseTime)
	defer cancel()
	var supers []string
	for _, db := range c.config.Databases.each() {
		if err := postgres.Await(ctx, *db.url); err != nil {
			return fmt.Errorf("the server of DATABASE_URL, for %s: %w\nunset DATABASE_URL to use a private server", db.service, err)
		}
		super, err := postgres.Superuser(ctx, *db.url)
		if err != nil {
			return err
		}
		if super {
			supers = append(supers, db.service)
		}
	}
	if supers != nil {
		c.say("the role in DATABASE_URL is a superuser, so a fault in %s reaches the whole server: give each service a role of its own (README, Each service by itself)",
			strings.Join(supers, ", "))
	}
	return nil
}

// takes returns a check of whether the server at url takes connections.
func takes(url string) func(context.Context) error {
	return func(ctx context.Context) error { return postgres.Ping(ctx, url) }
}

// hears returns a check of whether the server at url answers anything at all: it takes
// no connections while it recovers from a crash, or when it has too many.
func hears(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		err := postgres.Ping(ctx, url)
		if postgres.Code(err) != "" {
			return nil
		}
		return err
	}
}

// endBackends ends what a server that died has left running in its directory, and
// cannot end by itself because it is frozen: the next server would not start beside
// it.
func endBackends(dir string) {
	here, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return
	}
	server := serverOf(dir)
	for _, pid := range working(here, "postgres") {
		if _, parent := processStat(pid); pid != server && parent != server {
			_ = syscall.Kill(pid, syscall.SIGKILL) // an error means that it has ended
		}
	}
}

// prepare makes the files of a private server, or puts right what an earlier start
// that was broken off left of them.
func (c *Cluster) prepare(cluster *postgres.Cluster) error {
	word, fresh, err := keptWord(filepath.Join(c.config.State, "postgres.password"))
	if err != nil {
		return err
	}
	cluster.Password = word
	_, missing := os.Stat(cluster.Dir)
	if err := cluster.Init(); err != nil {
		return err
	}
	if cluster.Aside != "" {
		c.say("an earlier start had been broken off while it made the database, which was still empty: moved what was left of it to %s", cluster.Aside)
	}
	if !fresh || missing != nil || cluster.Aside != "" {
		return nil // initdb has set the password
	}
	c.say("the file postgres.password was missing or empty: gave the server a new password")
	if err := dropStaleLock(cluster.Dir); err != nil {
		return err
	}
	return cluster.ResetPassword()
}

// serverOf returns the process that the lock file of a server names, if it lives, or 0.
func serverOf(dir string) int {
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil || processState(pid) == 0 || ended(pid) {
		return 0
	}
	return pid
}

// dropStaleLock removes the lock file of a server that died when its process id now
// belongs to another program, or to what is left of the server until its parent asks
// how it ended, as the first process of a container may never do: PostgreSQL would
// refuse to start. When no process has that id, PostgreSQL itself checks whether a
// process of the old server still uses the data.
func dropStaleLock(dir string) error {
	path := filepath.Join(dir, "postmaster.pid")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		return nil // PostgreSQL's own message is better
	}
	if ended(pid) {
		return os.Remove(path)
	}
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if here, resolved := filepath.EvalSymlinks(dir); err == nil && resolved == nil && cwd == here {
		return fmt.Errorf("a server, process %d, still runs in %s", pid, dir)
	}
	return os.Remove(path)
}
