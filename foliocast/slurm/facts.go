package slurm

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Asked is what the doctor looks at.
type Asked struct {
	Ask
	Mpicalc  string            // the program's path or name
	Version  string            // of foliocast
	Services []Reach           // their names and addresses; nil for a batch job, which needs none
	Over     http.RoundTripper // to them; nil means http.DefaultTransport
	Probe    []string          // a command that probes the services on a node; may be nil
	Environ  []string          // of the programs; nil means this program's
}

// Facts is what the doctor saw. Each answer is a value or an error.
type Facts struct {
	Asked             Asked
	Root, RootAllowed bool // whether root asks, and whether Open MPI was told to allow that

	Slurm      Answer[Version]
	Controller Answer[string] // what scontrol ping says
	Nodes      Answer[[]Node]
	Settings   Answer[map[string]string]
	MPITypes   Answer[[]string]
	OpenMPI    Answer[Version]
	Components Answer[Components]
	Here       Answer[string] // mpicalc --version on this machine
	There      Answer[[]Seen] // what nodes have
	Reached    []Reach        // from here
	FromNode   Answer[[]Probed]
}

// Answer is the answer to one question, or the reason why there is none.
type Answer[T any] struct {
	Value T
	Err   error
}

// The reasons for not asking.
var (
	errNotAsked = errors.New("not asked")
	errNoneFree = errors.New("no node is free")
)

// Examine asks Slurm, Open MPI, mpicalc and the services. It takes a minute
// at most, even when some do not answer.
func Examine(ctx context.Context, asked Asked) Facts {
	f := Facts{Asked: asked}
	f.Root = os.Geteuid() == 0
	f.RootAllowed = lookup(asked.Environ, "OMPI_ALLOW_RUN_AS_ROOT") != "" && lookup(asked.Environ, "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM") != ""
	c := Commands{Environ: asked.Environ, Timeout: 10 * time.Second}
	var all sync.WaitGroup
	all.Go(func() { f.Slurm = ask(ctx, c, ParseVersion, "sbatch", "--version") })
	all.Go(func() { f.OpenMPI = ask(ctx, c, ParseVersion, "mpirun", "--version") })
	all.Go(func() {
		f.Components = ask(ctx, c, always(ParseComponents), "ompi_info", "--parsable")
	})
	all.Go(func() { f.Here = ask(ctx, c, trimmed, asked.Mpicalc, "--version") })
	all.Go(func() { f.Reached = ReachAll(ctx, asked.Over, asked.Services) })
	all.Go(func() {
		if f.Controller = ask(ctx, c, trimmed, "scontrol", "ping"); f.Controller.Err != nil {
			f.withoutController()
			return
		}
		f.Settings = ask(ctx, c, always(ParseSettings), "scontrol", "show", "config")
		f.MPITypes = ask(ctx, c, always(ParseMPITypes), "srun", "--mpi=list")
		f.Nodes = ask(ctx, c, ParseNodes, "sinfo", "-h", "-N", "-o", nodeFormat)
		f.visit(ctx, c)
	})
	all.Wait()
	return f
}

// withoutController marks what only a controller could answer as not asked.
func (f *Facts) withoutController() {
	f.Settings.Err, f.MPITypes.Err, f.Nodes.Err = errNotAsked, errNotAsked, errNotAsked
	f.There.Err, f.FromNode.Err = errNotAsked, errNotAsked
}

// visit looks at the programs on nodes that are free, and runs the probe there if
// there is one. It does not wait for other jobs to end.
func (f *Facts) visit(ctx context.Context, c Commands) {
	f.FromNode.Err = errNotAsked
	free := 0
	for _, n := range inPartition(f.Nodes.Value, f.Asked.Partition) {
		if n.Works() && n.IdleCPUs > 0 {
			free++
		}
	}
	if free == 0 {
		f.There.Err, f.FromNode.Err = errNoneFree, errNoneFree
		return
	}
	nodes := min(free, max(f.Asked.Nodes, 1))
	f.There = ask(ctx, c, ParseSeen, "srun", f.srun(nodes, "sh", "-c", seenScript, "sh", f.Asked.Mpicalc)...)
	if f.Asked.Probe != nil {
		f.FromNode = ask(ctx, c, ParseProbes, "srun", f.srun(nodes, f.Asked.Probe...)...)
	}
}

// srun returns the arguments that run a short command once on each of some nodes.
func (f *Facts) srun(nodes int, command ...string) []string {
	args := []string{"--quiet", "--nodes=" + strconv.Itoa(nodes), "--ntasks=" + strconv.Itoa(nodes), "--ntasks-per-node=1",
		"--time=1", "--immediate=5", "--mpi=none", "--job-name=foliocast-doctor"}
	for _, d := range []directive{{"partition", f.Asked.Partition}, {"account", f.Asked.Account}, {"qos", f.Asked.QOS}} {
		if d.value != "" {
			args = append(args, "--"+d.flag+"="+d.value)
		}
	}
	return append(args, command...)
}

// ask runs a program and reads its answer.
func ask[T any](ctx context.Context, c Commands, parse func(string) (T, error), program string, args ...string) Answer[T] {
	out, err := c.run(ctx, "", program, args...)
	if err != nil {
		return Answer[T]{Err: err}
	}
	v, err := parse(out)
	return Answer[T]{Value: v, Err: err}
}

func trimmed(out string) (string, error) { return strings.TrimSpace(out), nil }

func always[T any](parse func(string) T) func(string) (T, error) {
	return func(out string) (T, error) { return parse(out), nil }
}

// lookup finds a variable in environ; nil means this program's environment.
func lookup(environ []string, name string) string {
	if environ == nil {
		return os.Getenv(name)
	}
	value := ""
	for _, setting := range environ {
		if v, ok := strings.CutPrefix(setting, name+"="); ok {
			value = v
		}
	}
	return value
}

// missing reports whether a program was not found.
func missing(err error) bool {
	return errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist)
}
