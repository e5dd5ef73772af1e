package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// stopContext ends on the signals that ask for an orderly end: SIGUSR1, because mpirun hands it to every rank and
// leaves the time that it takes, SIGTERM and SIGINT.
func stopContext() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGUSR1, syscall.SIGTERM, os.Interrupt)
}

// ignoreStops makes a rank deaf to them: rank 0 tells it when to stop.
func ignoreStops() { signal.Ignore(syscall.SIGUSR1, syscall.SIGTERM, os.Interrupt) }
