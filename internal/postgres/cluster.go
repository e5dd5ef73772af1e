package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Cluster is a private PostgreSQL server: its own data directory, loopback
// only, never the port of an installed one. PostgreSQL refuses to run as
// root, so root hands it to an unprivileged user.
type Cluster struct {
	Dir      string // data directory, created by Init
	Port     int    // TCP port on 127.0.0.1
	Sync     bool   // false trades crash safety for speed: for tests only
	Password string // of the superuser foliocast, set by Init; if empty, everybody on this machine may connect
	Aside    string // where Init has moved a data directory that was not whole, or empty

	bin   string
	owner *syscall.Credential
	dir   *os.File // the data directory, once it exists and belongs to owner
}

// ErrNotInstalled says that no PostgreSQL server programs were found.
var ErrNotInstalled = errors.New("PostgreSQL's server programs are not installed: install the package postgresql")

// NewCluster finds the server programs on PATH or in Debian's version
// directories, and, for root, the user that will own the data.
func NewCluster(dir string, port int, sync bool) (*Cluster, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	c := &Cluster{Dir: abs, Port: port, Sync: sync}
	if c.bin, err = binDir(); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		if c.owner, err = unprivileged(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Program returns the path of a program of PostgreSQL, beside those of the server or on PATH.
func Program(name string) (string, error) {
	if dir, err := binDir(); err == nil {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s of PostgreSQL is missing: install postgresql-client", name)
	}
	return path, nil
}

// binDir returns the directory of initdb: on PATH, or the newest of Debian's.
func binDir() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	best, version := "", -1.0
	for _, p := range found {
		dir := filepath.Dir(p)
		v, err := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64)
		if err == nil && v > version {
			best, version = dir, v
		}
	}
	if best == "" {
		return "", ErrNotInstalled
	}
	return best, nil
}

// unprivileged returns the user postgres if it exists, and nobody otherwise.
func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("started by root, and neither user postgres nor user nobody exists to run PostgreSQL")
}

// URL returns the address for the superuser.
func (c *Cluster) URL() string { return c.URLFor("foliocast", c.Password) }

// URLFor returns the address for a role.
func (c *Cluster) URLFor(role, password string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/postgres",
		Host: "127.0.0.1:" + strconv.Itoa(c.Port), RawQuery: "sslmode=disable"}
	if password != "" {
		u.User = url.UserPassword(role, password)
	}
	return u.String()
}

// path returns a path of the data directory that the server's user can open.
func (c *Cluster) path() string { return c.pathOf(c.Dir) }

// pathOf returns a path that the server's user can open, of the directory that was given to
// that user, or of dir where the server runs as we do.
func (c *Cluster) pathOf(dir string) string {
	if c.dir == nil {
		return dir
	}
	return "/proc/self/fd/3"
}

// Command returns the server process, not started yet; call Init first. It stops at
// once on SIGINT or SIGQUIT and writes its log to its standard error.
func (c *Cluster) Command() *exec.Cmd {
	args := []string{"-D", c.path(), "-p", strconv.Itoa(c.Port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=200", "-c", "shared_buffers=128MB", "-c", "log_min_messages=warning",
		// In the data directory, so that a killed server leaves nothing
		// elsewhere.
		"-c", "dynamic_shared_memory_type=mmap"}
	if !c.Sync {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	return c.command("postgres", args...)
}

func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner, Setpgid: true}
	if c.dir != nil {
		cmd.ExtraFiles = []*os.File{c.dir} // path names it by its number
	}
	return cmd
}
