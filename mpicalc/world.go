package main

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"

	"foliocast/internal/cli"
	"foliocast/internal/series/arrow"
	"foliocast/mpicalc/mpi"
	"foliocast/mpicalc/spmd"
)

// inWorld joins the MPI world. All ranks must call it: rank 0 leads, with an answer cache of cacheBytes, and the others
// follow until it stops. The error is rank 0's; the others return nil, so that it is reported once. An error that breaks the
// world itself is logged and ends all ranks.
func inWorld(cacheBytes int, lead func(*spmd.Leader) error) error {
	var failure error
	err := mpi.Main(func(world *mpi.Comm) error {
		slog.SetDefault(cli.Logger("mpicalc", slog.LevelInfo).With("rank", int(world.Rank())))
		config, err := rankConfig(world)
		if err != nil {
			return err
		}
		config.CacheBytes = cacheBytes
		if world.Rank() != 0 {
			return spmd.Follow(comm{world}, config)
		}
		leader, err := spmd.Lead(comm{world}, config)
		if err != nil {
			return err
		}
		failure = lead(leader)
		if broken, ok := errors.AsType[*worldError](failure); ok {
			return broken
		}
		return leader.Stop()
	})
	if err != nil {
		return fmt.Errorf("mpi: %w", err)
	}
	return failure
}

// worldError is a failed MPI call at rank 0: the ranks no longer agree on where they are.
type worldError struct{ error }

// Unwrap returns the cause.
func (e *worldError) Unwrap() error { return e.error }

// rankConfig is how this rank takes part: with its share of the node's cores. A rank that mpirun has bound to one core sees
// only that one.
func rankConfig(world *mpi.Comm) (spmd.Config, error) {
	node, err := world.SplitShared()
	if err != nil {
		return spmd.Config{}, err
	}
	cores := min(runtime.NumCPU(), runtime.GOMAXPROCS(0))
	threads := max(1, cores/node.Size())
	if err := node.Free(); err != nil {
		return spmd.Config{}, err
	}
	host, err := world.ProcessorName()
	return spmd.Config{Threads: threads, Host: host, Open: openStored}, err
}

func openStored(path string) (spmd.Source, error) { return arrow.Open(path) }
