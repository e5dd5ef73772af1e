package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"foliocast/internal/outfile"
)

// completed is the file in a data directory that says that initdb had ended.
const completed = "initdb.completed"

// Init creates the cluster, unless it exists. It creates it in another directory and
// renames that one, so that the data directory appears whole or not at all, whenever
// the process is killed or the power fails. A data directory that initdb left
// unfinished, and in which no server ever ran, is renamed to what Aside then says.
func (c *Cluster) Init() error {
	made, err := c.exists()
	if err != nil {
		return err
	}
	if made {
		return c.openDir(c.Dir)
	}
	if err := outfile.MakeDir(filepath.Dir(c.Dir), 0o700); err != nil {
		return err
	}
	building := c.Dir + ".new"
	if err := os.RemoveAll(building); err != nil { // of an Init that was killed
		return err
	}
	if err := os.Mkdir(building, 0o700); err != nil {
		return err
	}
	if err := c.openDir(building); err != nil {
		return err
	}
	if err := c.initdb(building); err != nil {
		return errors.Join(err, os.RemoveAll(building))
	}
	if err := c.setAside(); err != nil {
		return err
	}
	if err := os.Rename(building, c.Dir); err != nil {
		return err
	}
	return outfile.SyncDir(filepath.Dir(c.Dir))
}

// exists reports whether the data directory is whole: initdb ended in it, or a server
// has run in it. An earlier version, which did not write the file completed, left
// directories that have only the second.
func (c *Cluster) exists() (bool, error) {
	for _, name := range []string{completed, "postmaster.opts", "postmaster.pid"} {
		_, err := os.Stat(filepath.Join(c.Dir, name))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err == nil, err
		}
	}
	return false, nil
}

// setAside renames a data directory that is not whole, and removes an empty one.
func (c *Cluster) setAside() error {
	if err := os.Remove(c.Dir); err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	c.Aside = c.Dir + ".unfinished-" + time.Now().UTC().Format("20060102T150405.000")
	return os.Rename(c.Dir, c.Aside)
}

// initdb creates the cluster in dir, which is open and empty.
func (c *Cluster) initdb(dir string) error {
	args := []string{"-D", c.pathOf(dir), "--username=foliocast", "--encoding=UTF8", "--locale=C.UTF-8"}
	if !c.Sync {
		args = append(args, "--no-sync")
	}
	cmd := c.command("initdb", args...)
	if c.Password == "" {
		cmd.Args = append(cmd.Args, "--auth=trust")
	} else {
		secret, err := c.passwordFile()
		if err != nil {
			return err
		}
		defer secret.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, secret)
		cmd.Args = append(cmd.Args, "--auth=scram-sha-256", fmt.Sprintf("--pwfile=/proc/self/fd/%d", 2+len(cmd.ExtraFiles)))
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s: %w\n%s", dir, err, out)
	}
	return outfile.Replace(filepath.Join(dir, completed), nil, 0o644)
}

// openDir gives a directory to the server's user. When that is another user than
// ours, the server inherits the open directory, because that user may have no access
// to the directories above it, and does not get any.
func (c *Cluster) openDir(path string) error {
	if c.owner == nil || c.dir != nil {
		return nil
	}
	if err := os.Chown(path, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
		return err
	}
	dir, err := os.Open(path)
	c.dir = dir
	return err
}

// passwordFile returns an open file without a name that contains the password.
func (c *Cluster) passwordFile() (*os.File, error) {
	f, err := os.CreateTemp("", "foliocast-initdb-")
	if err != nil {
		return nil, err
	}
	err = os.Remove(f.Name())
	if err == nil && c.owner != nil {
		err = f.Chown(int(c.owner.Uid), int(c.owner.Gid))
	}
	if err == nil {
		_, err = f.WriteString(c.Password + "\n")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ResetPassword gives the superuser of an existing cluster the password of c. No
// server may be running in it. Call Init first.
func (c *Cluster) ResetPassword() error {
	cmd := c.command("postgres", "--single", "-D", c.path(), "-c", "exit_on_error=true", "postgres")
	cmd.Stdin = strings.NewReader("ALTER ROLE foliocast PASSWORD '" + strings.ReplaceAll(c.Password, "'", "''") + "';\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("set the password of the server in %s: %w\n%s", c.Dir, err, out)
	}
	return nil
}
