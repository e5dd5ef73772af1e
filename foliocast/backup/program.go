package backup

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"foliocast/internal/child"
	"foliocast/internal/postgres"
)

// run runs a program of PostgreSQL on a database.
func (d Database) run(ctx context.Context, in io.Reader, out io.Writer, name string, args ...string) error {
	path, err := postgres.Program(name)
	if err != nil {
		return err
	}
	address, password, err := d.withoutPassword()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := exec.CommandContext(ctx, path, append(args, "--schema="+d.Schema, "--no-owner", "--no-privileges", "--dbname="+address)...)
	cmd.Env = append(os.Environ(), "PGCONNECT_TIMEOUT=30", "LC_ALL=C")
	if password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	var fault bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &fault
	if err = child.Start(cmd, syscall.SIGTERM); err == nil {
		err = cmd.Wait()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s of the schema %s: %w\n%s", name, d.Schema, err, bytes.TrimSpace(fault.Bytes()))
	}
	return nil
}
