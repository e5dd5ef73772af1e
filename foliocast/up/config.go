// Package up runs every part of Foliocast on this machine: a private
// PostgreSQL server, the three services and the calculation, each as a process
// of its own. It starts them in order, waits until each answers, restarts what
// dies or hangs, and stops them so that no work is lost. It knows their settings,
// but not what they do.
package up

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"foliocast/internal/outfile"
)

// Config says what to run and where. State is required.
type Config struct {
	State     string        // directory of all state; created if missing
	NP        int           // ranks of the calculation, at most 512; 0 if only worlds elsewhere compute
	Ports     Ports         // of the services; the zero value means DefaultPorts
	Listen    string        // IP address of the services; empty for 127.0.0.1. What other machines reach speaks TLS
	Names     []string      // further names and addresses of this machine in the certificate
	Plain     bool          // speak plain HTTP on any address
	Databases Databases     // on an existing PostgreSQL server; the zero value means a private one
	Version   string        // of this program, which the others must have too; empty for any
	Programs  string        // directory of the built programs; empty for the one of this program
	Hang      time.Duration // without an answer, after which a part is ended and started again; 0 means DefaultHang
	Throwaway bool          // makes the private server faster, but unsafe in a crash of the machine
	Logs      io.Writer     // gets the lines of all logs, too; nil for none
	Say       func(string)  // called with a sentence at each step, one call at a time; may be nil
}

// DefaultHang is longer than a busy machine, or a caller who sends nothing, can keep a
// service from answering.
const DefaultHang = time.Minute

// maxNP bounds the ranks of one machine.
const maxNP = 512

// completed returns the config with its defaults, or what is wrong with it.
func (c Config) completed() (Config, error) {
	if c.State == "" {
		return c, errors.New("the state directory is missing")
	}
	if c.NP < 0 || c.NP > maxNP {
		return c, fmt.Errorf("the number of ranks must be 0 to %d, is %d", maxNP, c.NP)
	}
	if c.Hang == 0 {
		c.Hang = DefaultHang
	}
	if c.Hang < time.Second {
		return c, fmt.Errorf("the time after which a part counts as hanging must be at least 1s, is %v", c.Hang)
	}
	if c.Ports == (Ports{}) {
		c.Ports = DefaultPorts()
	}
	if err := c.Ports.check(); err != nil {
		return c, err
	}
	if c.Listen == "" {
		c.Listen = loopback
	}
	if net.ParseIP(c.Listen) == nil {
		return c, fmt.Errorf("the address to listen on must be an IP address such as 0.0.0.0, is %q", c.Listen)
	}
	for _, db := range c.Databases.each() {
		if c.Databases != (Databases{}) && *db.url == "" {
			return c, fmt.Errorf("the database of %s is missing: name one for each service, or none", db.service)
		}
	}
	if c.Say == nil {
		c.Say = func(string) {}
	}
	var err error
	if c.State, err = filepath.Abs(c.State); err != nil {
		return c, err
	}
	if c.Programs == "" {
		self, err := os.Executable()
		if err != nil {
			return c, fmt.Errorf("find the built programs: %w", err)
		}
		c.Programs = filepath.Dir(self)
	}
	c.Programs, err = filepath.Abs(c.Programs)
	return c, err
}

// secure reports whether the services need a certificate.
func (c Config) secure() bool { return !c.Plain && !net.ParseIP(c.Listen).IsLoopback() }

// DefaultState is the state directory when none is named: /var/lib/foliocast
// for root, else foliocast in XDG_STATE_HOME or in ~/.local/state.
func DefaultState() string {
	if os.Geteuid() == 0 {
		return "/var/lib/foliocast"
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "foliocast")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = os.TempDir()
	}
	return filepath.Join(home, ".local", "state", "foliocast")
}

// MakeState creates the state directory and the directories in it, as Start
// does: log for NAME.log, data for the data service, tmp for mpirun.
func MakeState(dir string) error {
	if err := outfile.MakeDir(dir, 0o755); err != nil {
		return fmt.Errorf("make the state directory: %w", err)
	}
	for _, sub := range []string{"log", "tmp", "data"} {
		if err := outfile.MakeDir(filepath.Join(dir, sub), 0o700); err != nil {
			return fmt.Errorf("make the state directory: %w", err)
		}
	}
	return nil
}
