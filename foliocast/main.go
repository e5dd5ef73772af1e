// Command foliocast is the program a person types: it signs in, keeps
// datasets, submits jobs and shows their forecasts, manages queues and users,
// and runs all of Foliocast on this machine with foliocast up.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"foliocast/internal/cli"
)

func main() {
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, version: cli.Version()}
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
