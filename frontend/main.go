// Command frontend is the data service: the thin public door for datasets,
// jobs and results. It says its settings with --help.
package main

import (
	"io"
	"log/slog"
	"os"

	"foliocast/internal/serve"
)

// version is set when the program is built.
var version = "dev"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	return serve.Program[Config]{
		Name:    "frontend",
		Version: version,
		Summary: "frontend takes datasets and jobs, and gives results.",
		Level:   func(c Config) slog.Level { return c.LogLevel },
		Serve:   serveFrontend,
	}.Run(args, out, errs)
}
