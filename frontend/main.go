// Package frontend is the data service: the thin public API for datasets, jobs
// and results. Its --help lists the settings.
package frontend

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
			Name:  "frontend",
			Short: "Take datasets and jobs, and return results",
			Long:  "frontend is the data service of Foliocast: it takes datasets and jobs, and returns results. Without a command, it serves.",
		},
		Level:   func(c Config) slog.Level { return c.LogLevel },
		Migrate: migrateSchema,
		Listen:  func(c Config) string { return c.Listen },
		Serve:   serveFrontend,
	}.Root()
	root.SetOut(out)
	root.SetErr(errs)
	return cli.Run(ctx, root, args)
}
