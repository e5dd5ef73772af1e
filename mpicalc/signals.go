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

// ignoreStops ignores these signals in the other ranks: rank 0 tells them when to stop.
func ignoreStops() { signal.Ignore(syscall.SIGUSR1, syscall.SIGTERM, os.Interrupt) }
