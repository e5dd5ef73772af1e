// Package authsvc is the identity service of Foliocast: it manages the users and the
// service accounts, logs them in, and signs the access tokens that the other
// services verify. See authsvc --help.
package authsvc

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
)

// Main runs the program with the arguments of the process, and returns its exit code.
func Main() int {
	ctx, stop := cli.Signals()
	defer stop()
	return (&program{out: os.Stdout, errs: os.Stderr}).run(ctx, os.Args[1:])
}

// program holds what the commands share.
type program struct {
	out  io.Writer // for the answers of commands
	errs io.Writer
	read func() (config, error) // reads the settings; nil means the environment
}

// run executes a command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	return cli.Run(ctx, p.command(), args)
}

// command returns the root command.
func (p *program) command() *cobra.Command {
	if p.read == nil {
		p.read = settings
	}
	root := cli.Service[config]{
		Program: cli.Program{
			Name:  "authsvc",
			Short: "Manage users and service accounts, and sign their tokens",
			Long:  "authsvc is the identity service of Foliocast: it manages users and service accounts, and signs their access tokens. Without a command, it serves.",
		},
		Level:   func(c config) slog.Level { return c.LogLevel },
		Migrate: migrateSchema,
		Listen:  func(c config) string { return c.Listen },
		Serve:   func(ctx context.Context, log *slog.Logger, c config) error { return runService(ctx, c, log, p.out) },
		Read:    p.read,
	}.Root()
	root.SetOut(p.out)
	root.SetErr(p.errs)
	root.AddCommand(p.keyCommand(), p.serviceCommand(), p.userCommand())
	return root
}

func settings() (c config, err error) {
	err = cli.Settings(&c)
	return c, err
}
