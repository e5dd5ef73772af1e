// Command mpicalc is the calculation: under mpirun it forecasts one file (run), or drains the queue (serve). It also
// measures the accuracy of the models (backtest) and changes formats (convert).
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
)

func main() { os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr)) }

// execute runs one command and returns the exit code. Of the ranks that a launcher started, rank 0 runs it, and all return its
// code. For a command that uses ranks they join first. For others they do not, because a process that a script starts for a rank
// cannot join where an earlier one has: the other ranks have nothing to do.
func execute(args []string, stdout, stderr io.Writer) int {
	ctx := context.Background()
	w := &world{processors: runtime.GOMAXPROCS(0), stderr: stderr}
	rank, launched := startRank(os.Getenv)
	name := commandName(args)
	if name == "serve" {
		w.cacheBytes = keptAnswers
		if rank != 0 {
			ignoreStops()
		} else {
			var cancel context.CancelFunc
			ctx, cancel = stopContext()
			defer cancel()
		}
	}
	root := rootCommand(w)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command := func() int { return cli.RunWith(ctx, root, args, exitCode) }
	switch name {
	case "run", "serve", "backtest":
		if launched {
			return w.takePart(command)
		}
	default:
		if rank != 0 {
			return cli.Done
		}
	}
	if !launched {
		isolate()
	}
	return command()
}

// commandName is the command that the arguments name, or empty where they only ask for its help.
func commandName(args []string) string {
	command, rest, err := rootCommand(nil).Find(args)
	if err != nil || slices.Contains(rest, "--help") || slices.Contains(rest, "-h") {
		return ""
	}
	return command.Name()
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

// rootCommand is the whole command line, for a world.
func rootCommand(w *world) *cobra.Command {
	root := cli.Program{
		Name:  "mpicalc",
		Short: "Forecast portfolios on the ranks of an MPI world",
		Long: `mpicalc forecasts portfolios on the ranks of an MPI world.

Start it with mpirun (mpirun -np 4 mpicalc run …) or srun --mpi=pmix; without
them it is a world of one rank. Add --bind-to none where ranks are fewer than
cores, so that each rank uses several. When a command fails, mpirun -q keeps
mpirun's own messages out of the way.`,
	}.Root()
	root.AddCommand(runCommand(w), serveCommand(w), backtestCommand(w), convertCommand(), modelsCommand(), cli.SettingsCommand(Config{}))
	cli.Completion(root, completeFlag, func(*cobra.Command, string) cli.Completer { return nil })
	return root
}
