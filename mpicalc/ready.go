package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"foliocast/internal/outfile"
)

// ready is what a world says about itself in its ready file.
type ready struct {
	Worker string   `json:"worker"` // the name under which it leases
	Ranks  int      `json:"ranks"`
	Hosts  []string `json:"hosts"`
}

// beat is the time between two touches of the ready file.
const beat = time.Second

// announce writes the ready file, whole or not at all, and touches it from then on, so that a supervisor can tell a frozen
// rank 0 from one without work. It returns the function that ends this and removes the file. An empty path announces
// nothing.
func announce(path string, world ready) (withdraw func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	text, err := json.Marshal(world)
	if err != nil {
		return nil, fmt.Errorf("FOLIOCAST_READY_FILE: %w", err)
	}
	if err := outfile.Replace(path, append(text, '\n'), 0o644); err != nil {
		return nil, fmt.Errorf("FOLIOCAST_READY_FILE cannot be written: %w", err)
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		keepTouching(path, quit)
	}()
	return func() {
		close(quit)
		<-done
		os.Remove(path)
	}, nil
}

// keepTouching sets the file's time at each beat until quit is closed.
func keepTouching(path string, quit <-chan struct{}) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			return
		case now := <-tick.C:
			_ = os.Chtimes(path, now, now) // a supervisor that cannot see it starts another world
		}
	}
}
