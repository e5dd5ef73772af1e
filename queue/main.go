// Package queue is the message service: the only owner of work in flight. It
// keeps its messages in PostgreSQL. Its --help lists the settings.
package queue

import (
	"context"
	"io"
	"log/slog"
	"os"

	"foliocast/internal/cli"
)

// Main runs the program with the arguments of the process, and returns its exit code.
func Main() int {
	ctx, stop := cli.Signals()
	defer stop()
	return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	root := cli.Service[Config]{
		Program: cli.Program{
			Name:  "queue",
			Short: "Keep messages until they have been processed",
			Long:  "queue is the message service of Foliocast: it keeps messages until workers have processed them. Without a command, it serves.",
		},
		Level:   func(c Config) slog.Level { return c.LogLevel },
		Migrate: migrateSchema,
		Listen:  func(c Config) string { return c.Listen },
		Serve:   serveQueue,
	}.Root()
	root.SetOut(out)
	root.SetErr(errs)
	return cli.Run(ctx, root, args)
}
