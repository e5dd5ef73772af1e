// Command foliocast is the program a person types: it signs in, keeps
// datasets, submits jobs and shows their forecasts, manages queues and users,
// and runs all of Foliocast on this machine with foliocast up.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, version: version}
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
