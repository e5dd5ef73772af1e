package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"foliocast/internal/cli"
	"foliocast/internal/series/arrow"
	"foliocast/mpicalc/mpi"
	"foliocast/mpicalc/mpi/wake"
	"foliocast/mpicalc/portfolio"
	"foliocast/mpicalc/spmd"
)

// world is the MPI world as the commands see it, at rank 0. A process that a launcher started has joined before its command line is
// looked at, so that a fault in it, in the settings or in a file ends all ranks alike, whichever of them would see it. One that
// was started alone joins when a command needs the ranks.
type world struct {
	processors int // that Go used when the process started
	cacheBytes int // of answers that rank 0 keeps
	stderr     io.Writer
	comm       *mpi.Comm
	crowd      int // threads of this node for each CPU, rounded up
	leader     *spmd.Leader
	placements []placement
}

// lead runs what a command does with the ranks, and returns its error.
func (w *world) lead(command func(*spmd.Leader) error) error {
	if w.leader != nil {
		return w.unbroken(command(w.leader))
	}
	var failure error
	err := mpi.Main(func(ranks *mpi.Comm) error {
		config, _, err := w.join(ranks)
		if err != nil {
			return err
		}
		return w.withBell(func(c comm) error {
			if w.leader, err = spmd.Lead(c, config); err != nil {
				return err
			}
			failure = w.unbroken(command(w.leader))
			return w.leader.Stop()
		})
	})
	if err != nil {
		return fmt.Errorf("mpi: %w", err)
	}
	return failure
}

// unbroken returns the error of a command, but for one that breaks the world: it ends all ranks.
func (w *world) unbroken(err error) error {
	broken, ok := errors.AsType[*worldError](err)
	if !ok {
		return err
	}
	if hung, ok := errors.AsType[*spmd.HungError](err); ok {
		fmt.Fprintf(w.stderr, "mpicalc: %v\n", hung)
		w.comm.Abort(cli.Failed)
	}
	w.comm.Fail(broken)
	return nil
}

// worldError is a failed MPI call at rank 0: the ranks no longer agree on where they are.
type worldError struct{ error }

// Unwrap returns the cause.
func (e *worldError) Unwrap() error { return e.error }

// takePart is the part of a process that a launcher started, from MPI_Init to its end: rank 0 runs command, and the others compute
// for it. It returns the exit code of rank 0 on every rank.
func (w *world) takePart(command func() int) (code int) {
	err := mpi.Main(func(ranks *mpi.Comm) error {
		config, stranger, err := w.join(ranks)
		if err != nil {
			return err
		}
		if stranger != "" {
			fmt.Fprintf(w.stderr, "mpicalc: %s\n", stranger)
			code = cli.Refused
		}
		if code, err = decide(ranks, code); code != cli.Done || err != nil {
			return err
		}
		err = w.withBell(func(c comm) (err error) {
			if c.Rank() > 0 {
				return spmd.Follow(c, config)
			}
			code, err = w.command(c, config, command)
			return err
		})
		if err != nil {
			return err
		}
		code, err = decide(ranks, code)
		return err
	})
	if err != nil {
		fmt.Fprintf(w.stderr, "mpicalc: mpi: %v\n", err)
		return cli.Failed
	}
	return code
}

// withBell runs this rank's part with a bell.
func (w *world) withBell(part func(comm) error) error {
	bell, err := wake.New(w.comm)
	if err != nil {
		return err
	}
	if err := part(comm{w.comm, bell, w.crowd}); err != nil {
		return err
	}
	return bell.Free()
}

func (w *world) command(c comm, config spmd.Config, command func() int) (code int, err error) {
	if w.leader, err = spmd.Lead(c, config); err != nil {
		return cli.Failed, err
	}
	code = command()
	return code, w.leader.Stop()
}

// decide returns rank 0's code on every rank. All of them must call it.
func decide(comm *mpi.Comm, code int) (int, error) {
	decision := []int64{int64(code)}
	err := mpi.Bcast(comm, decision, 0)
	return int(decision[0]), err
}

// join finds out how this rank takes part. All ranks must call it. At rank 0, stranger is a sentence when another rank does not
// belong to this world.
func (w *world) join(comm *mpi.Comm) (config spmd.Config, stranger string, err error) {
	w.comm = comm
	slog.SetDefault(cli.Logger("mpicalc", slog.LevelInfo).With("rank", int(comm.Rank())))
	config = spmd.Config{Open: openStored, Write: portfolio.Write, CacheBytes: w.cacheBytes}
	var here placement
	if config.Threads, w.crowd, here, err = place(comm, w.processors); err != nil {
		return config, "", err
	}
	if config.Host, err = comm.ProcessorName(); err != nil {
		return config, "", err
	}
	here.Host = config.Host
	all, err := gatherIntroductions(comm, introduction{Version: cli.Version(), Placement: here})
	if err != nil {
		return config, "", err
	}
	w.placements = placementsOf(all)
	return config, strangerAmong(all), nil
}

// logPlacement logs where the ranks run, when the work begins: nothing is logged beside a fault of the command line.
func (w *world) logPlacement() {
	if w.leader.Ranks() == 1 {
		return
	}
	slog.Info("world formed", "ranks", w.leader.Ranks(), "threads", w.leader.Threads(), "placement", w.placements)
}

func openStored(path string) (spmd.Source, error) { return arrow.Open(path) }
