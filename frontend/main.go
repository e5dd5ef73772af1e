// Command frontend is the data service: the thin public door for datasets,
// jobs and results. It says its settings with --help.
package main

import (
	"fmt"
	"io"
	"os"

	"foliocast/internal/serve"
)

// version is set when the program is built.
var version = "dev"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run turns arguments into what the program does, and returns its exit code:
// 2 when the arguments or the settings are wrong, 1 when the service failed.
func run(args []string, out, errs io.Writer) int {
	switch {
	case len(args) == 1 && (args[0] == "--help" || args[0] == "-h" || args[0] == "help"):
		fmt.Fprintf(out, "frontend takes datasets and jobs, and gives results.\n\nUsage: frontend [serve]\n\n%s", serve.SettingsHelp(Config{}))
		return 0
	case len(args) == 1 && args[0] == "--version":
		fmt.Fprintln(out, version)
		return 0
	case len(args) > 1 || len(args) == 1 && args[0] != "serve":
		fmt.Fprintf(errs, "frontend: it takes no arguments but serve; its settings are in the environment: frontend --help lists them\n")
		return 2
	}
	var config Config
	if err := serve.Settings(&config); err != nil {
		fmt.Fprintf(errs, "frontend: %v\n", err)
		return 2
	}
	ctx, stop := serve.Context()
	defer stop()
	log := serve.Logger("frontend", config.LogLevel)
	if err := serveFrontend(ctx, log, config); err != nil {
		log.Error("the data service failed", "err", err)
		return 1
	}
	return 0
}
