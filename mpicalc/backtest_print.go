package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"foliocast/internal/backtesttable"
	"foliocast/internal/job"
)

// print writes what was measured, as JSON, as a table for a person, or as CSV.
func (b *backtestRun) print(measured job.Backtest) error {
	var err error
	switch {
	case b.json:
		err = json.NewEncoder(b.stdout).Encode(measured)
	case onTerminal():
		err = backtesttable.WriteText(b.stdout, measured, nil)
	default:
		if err = backtesttable.WriteCSV(b.stdout, measured); err == nil {
			for _, sentence := range backtesttable.Sentences(measured) {
				fmt.Fprintln(b.stderr, sentence) // the table is for a program
			}
		}
	}
	return asFailure(err)
}

// onTerminal reports whether the standard output is a terminal. mpirun always gives its ranks a terminal of their own;
// under it, the output of mpirun itself, the parent process, decides.
func onTerminal() bool {
	if !term.IsTerminal(int(os.Stdout.Fd())) {
		return false
	}
	if os.Getenv("OMPI_COMM_WORLD_RANK") == "" {
		return true
	}
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/1", os.Getppid()))
	return err == nil && (strings.HasPrefix(target, "/dev/pts/") || strings.HasPrefix(target, "/dev/tty"))
}
