// Command queue is the message service: the only owner of work in flight. It
// keeps its messages in PostgreSQL and says its settings with --help.
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
		Name:    "queue",
		Version: version,
		Summary: "queue keeps messages until they are done.",
		Level:   func(c Config) slog.Level { return c.LogLevel },
		Serve:   serveQueue,
	}.Run(args, out, errs)
}
