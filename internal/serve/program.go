package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// Program is the command line of a service that takes no argument but serve,
// and its settings, a C, from the environment.
type Program[C any] struct {
	Name    string // of the program
	Version string
	Summary string // one sentence for --help
	Level   func(C) slog.Level
	Serve   func(context.Context, *slog.Logger, C) error // until the context ends
}

// Run turns arguments into what the program does, and returns its exit code:
// 2 when the arguments or the settings are wrong, 1 when the service failed.
// The service stops on SIGINT and SIGTERM.
func (p Program[C]) Run(args []string, out, errs io.Writer) int {
	var config C
	switch {
	case len(args) == 1 && (args[0] == "--help" || args[0] == "-h" || args[0] == "help"):
		fmt.Fprintf(out, "%s\n\nUsage: %s [serve]\n\n%s", p.Summary, p.Name, SettingsHelp(config))
		return 0
	case len(args) == 1 && args[0] == "--version":
		fmt.Fprintln(out, p.Version)
		return 0
	case len(args) > 1 || len(args) == 1 && args[0] != "serve":
		fmt.Fprintf(errs, "%s: it takes no arguments but serve; its settings are in the environment: %s --help lists them\n", p.Name, p.Name)
		return 2
	}
	if err := Settings(&config); err != nil {
		fmt.Fprintf(errs, "%s: %v\n", p.Name, err)
		return 2
	}
	ctx, stop := Context()
	defer stop()
	log := Logger(p.Name, p.Level(config))
	if err := p.Serve(ctx, log, config); err != nil {
		log.Error("the service failed", "err", err)
		return 1
	}
	return 0
}
