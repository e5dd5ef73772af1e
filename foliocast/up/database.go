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
	if cluster.Password, err = databasePassword(c.config.State); err != nil {
		return "", err
	}
	if err := cluster.Init(); err != nil {
		return "", err
	}
	return cluster.URL(), c.startPart(ctx, part{
		name: "postgres",
		url:  "postgres://foliocast@" + address(cluster.Port) + "/postgres",
		command: func() (*exec.Cmd, error) {
			return cluster.Command(), dropStaleLock(dir)
		},
		ready: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			defer cancel()
			return postgres.Await(ctx, cluster.URL())
		},
		stop:     []step{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}},
		orphaned: syscall.SIGINT,
	})
}

// databasePassword returns the private server's password, created at the first start.
func databasePassword(state string) (string, error) {
	return madeOnce(filepath.Join(state, "postgres.password"))
}

// madeOnce returns the random word in a file. It creates a missing file.
func madeOnce(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	word := rand.Text()
	return word, writeFile(path, []byte(word+"\n"), 0o600)
}

// dropStaleLock removes the lock file of a server that died when its process id now
// belongs to another program: PostgreSQL would refuse to start. When no process has
// that id, PostgreSQL itself checks whether a process of the old server still uses
// the data.
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
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if here, resolved := filepath.EvalSymlinks(dir); err == nil && resolved == nil && cwd == here {
		return fmt.Errorf("a server, process %d, still runs in %s", pid, dir)
	}
	return os.Remove(path)
}
