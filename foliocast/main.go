// Package foliocast is the program a person types: it signs in, keeps
// datasets, submits jobs and shows their forecasts, manages queues and users,
// and runs all of Foliocast on this machine with foliocast up.
package foliocast

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"foliocast/internal/cli"
)

// Main runs the program with the arguments of the process, and returns its exit code.
func Main() int {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, version: cli.Version()}
	return a.run(ctx, os.Args[1:])
}
