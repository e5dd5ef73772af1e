// Command mpicalc is the calculation: under mpirun it forecasts one file (run), or drains the queue (serve). It also
// measures the accuracy of the models (backtest) and changes formats (convert).
package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
)

func main() { os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr)) }

// execute runs one command and returns the exit code. Every rank runs it; only rank 0 prints, and the others return 0, since
// mpirun ends every rank at the first exit code other than 0.
func execute(args []string, stdout, stderr io.Writer) int {
	rank, launched := startRank(os.Getenv)
	if !launched {
		isolate()
	}
	if rank != 0 {
		stdout, stderr = io.Discard, io.Discard
	}
	root := rootCommand()
	root.SetOut(stdout)
	root.SetErr(stderr)
	code := cli.RunWith(context.Background(), root, args, exitCode)
	if rank != 0 {
		return cli.Done
	}
	return code
}

// exitCode is the exit code for an error: most are the caller's.
func exitCode(err error) int {
	if err == nil {
		return cli.Done
	}
	if _, ok := errors.AsType[*failure](err); ok {
		return cli.Failed
	}
	return cli.Refused
}

// failure is an error that is not the caller's fault.
type failure struct{ error }

// Unwrap returns the cause.
func (f *failure) Unwrap() error { return f.error }

// asFailure marks an error, if any, as not the caller's fault.
func asFailure(err error) error {
	if err == nil {
		return nil
	}
	return &failure{err}
}

func rootCommand() *cobra.Command {
	root := cli.Program{
		Name:  "mpicalc",
		Short: "Forecast portfolios on the ranks of an MPI world",
		Long: `mpicalc forecasts portfolios on the ranks of an MPI world.

Start it with mpirun (mpirun -np 4 mpicalc run …) or srun --mpi=pmix; without
them it is a world of one rank. Add --bind-to none where ranks are fewer than
cores, so that each rank uses several. When a command fails, mpirun -q keeps
mpirun's own messages out of the way.`,
	}.Root()
	root.AddCommand(runCommand(), serveCommand(), backtestCommand(), convertCommand(), modelsCommand())
	return root
}
