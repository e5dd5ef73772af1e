package up

import (
	"context"
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

// startDatabase starts the private PostgreSQL server, unless DATABASE_URL names
// another, and returns the URL for the services.
func (c *Cluster) startDatabase(ctx context.Context) (string, error) {
	if c.config.DatabaseURL != "" {
		wait, cancel := context.WithTimeout(ctx, databaseTime)
		defer cancel()
		if err := postgres.Await(wait, c.config.DatabaseURL); err != nil {
			return "", fmt.Errorf("the server of DATABASE_URL: %w\nunset DATABASE_URL to use a private server", err)
		}
		return c.config.DatabaseURL, nil
	}
	port, err := freePorts(1)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(c.config.State, "postgres")
	cluster, err := postgres.NewCluster(dir, port, !c.config.Throwaway)
	if errors.Is(err, postgres.ErrNotInstalled) {
		return "", fmt.Errorf("%w, or run make setup", err)
	}
	if err != nil {
		return "", err
	}
	if err := c.prepare(cluster); err != nil {
		return "", err
	}
	return cluster.URL(), c.startPart(ctx, part{
		name: "postgres",
		url:  "postgres://foliocast@" + address(cluster.Port) + "/postgres",
		command: func() (*exec.Cmd, error) {
			return cluster.Command(), dropStaleLock(dir)
		},
		ready:    takes(cluster.URL()),
		stop:     []step{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}},
		orphaned: syscall.SIGINT,
	})
}

// takes returns a check of whether the server at url takes connections.
func takes(url string) func(context.Context) error {
	return func(ctx context.Context) error { return postgres.Ping(ctx, url) }
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
