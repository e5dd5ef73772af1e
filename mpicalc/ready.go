package main

import (
	"encoding/json"
	"fmt"
	"os"

	"foliocast/internal/outfile"
)

// ready is what a world says about itself in its ready file.
type ready struct {
	Worker string   `json:"worker"` // the name under which it leases
	Ranks  int      `json:"ranks"`
	Hosts  []string `json:"hosts"`
}

// announce writes the ready file, whole or not at all, and returns the function that removes it. An empty path announces
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
	return func() { os.Remove(path) }, nil
}
