// Command mpicalc is the calculation: under mpirun it forecasts one file (run), or drains the queue (serve). It also
// measures the accuracy of the models (backtest) and changes formats (convert).
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"foliocast/internal/usage"
)

// version is set by the linker.
var version = "unknown"

func main() { os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1 // something broke, or a job failed
	exitRefused = 2 // the input or the command line is no good
)

// execute runs one command and returns the exit code. Every rank runs it; only rank 0 speaks, and only its exit code
// differs from 0, since mpirun ends the others at the first.
func execute(args []string, stdout, stderr io.Writer) int {
	rank, launched := startRank(os.Getenv)
	if !launched {
		leaveSlurm()
	}
	if rank != 0 {
		stdout, stderr = io.Discard, io.Discard
	}
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil || rank != 0 {
		return exitDone
	}
	fmt.Fprintf(stderr, "mpicalc: %v\n", err)
	if _, ok := errors.AsType[*failure](err); ok {
		return exitFailed
	}
	return exitRefused
}

// failure is an error that is not the caller's fault.
type failure struct{ error }

// Unwrap returns the cause.
func (f *failure) Unwrap() error { return f.error }

// printed is the error of printing, which is no fault of the caller's.
func printed(err error) error {
	if err == nil {
		return nil
	}
	return &failure{err}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "mpicalc",
		Short:         "Forecast portfolios on the ranks of an MPI world",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Long: `mpicalc forecasts portfolios on the ranks of an MPI world.

Start it with mpirun (mpirun -np 4 mpicalc run …) or srun --mpi=pmix; without
them it is a world of one rank. Add --bind-to none where ranks are fewer than
cores, so that each rank uses several. When a command fails, mpirun -q keeps
mpirun's own remarks away from mpicalc's sentence.

Exit codes: 0 done, 1 failed, 2 the input or the command line is no good.`,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(runCommand(), serveCommand(), backtestCommand(), convertCommand(), modelsCommand())
	usage.Speak(root)
	return root
}
