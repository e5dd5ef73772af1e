// Bench measures what the binding costs: the patterns of the Intel MPI Benchmarks, by a loop in
// C and by the same loop in Go. The loops alternate in one run, in short turns, so that both
// run under the same conditions.
//
//	mpirun -np 2 --bind-to core bench
//
// It prints a table in Markdown: the median time of a message in either language, and the median
// of their ratios, each of two neighbouring turns. In PingPong ranks after the second only wait.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"foliocast/mpicalc/mpi"
)

func main() {
	turns := flag.Int("turns", 101, "how often each loop runs for each size")
	name := flag.String("pattern", "", "the only pattern to run")
	flag.Parse()
	chosen := slices.DeleteFunc(slices.Clone(patterns), func(p pattern) bool { return *name != "" && p.name != *name })
	if flag.NArg() > 0 || *turns < 1 || len(chosen) == 0 {
		fmt.Fprintln(os.Stderr, "bench: usage: mpirun -np N bench [-turns N] [-pattern PingPong|Exchange|Allreduce|Bcast|Gatherv], with N from 1")
		os.Exit(2)
	}
	err := mpi.Main(func(world *mpi.Comm) error { return compare(world, chosen, *turns, os.Stdout) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// sizes are the bytes that each rank sends.
var sizes = []struct {
	name  string
	bytes int
}{
	{"8 B", 8}, {"128 B", 128}, {"1 KiB", 1 << 10}, {"8 KiB", 8 << 10}, {"64 KiB", 64 << 10}, {"512 KiB", 512 << 10}, {"4 MiB", 4 << 20},
}

func compare(world *mpi.Comm, chosen []pattern, turns int, out io.Writer) error {
	if world.Size() < 2 {
		return fmt.Errorf("two ranks are needed: mpirun -np 2 bench")
	}
	if world.Rank() > 0 {
		out = io.Discard
	}
	fmt.Fprintf(out, "| pattern, %d ranks | size | C µs | Go µs | Go / C |\n|---|---|---|---|---|\n", world.Size())
	for _, p := range chosen {
		for _, s := range sizes {
			c, g, err := p.measure(world, newMemory(p, world.Size(), s.bytes), turns)
			if err != nil {
				return err
			}
			ratios := make([]float64, turns)
			for i := range ratios {
				ratios[i] = g[i] / c[i]
			}
			fmt.Fprintf(out, "| %s | %s | %.3f | %.3f | %.2f |\n", p.name, s.name, median(c)*1e6, median(g)*1e6, median(ratios))
		}
	}
	return nil
}

// measure runs the loops in turn and returns the seconds of each turn, of the slowest rank.
func (p pattern) measure(world *mpi.Comm, m *memory, turns int) (c, g []float64, err error) {
	rounds, err := p.rounds(world, m)
	if err != nil {
		return nil, nil, err
	}
	for turn := range turns {
		loops := []func(*mpi.Comm, *memory, int) (float64, error){p.inC, p.inGo}
		first := turn % 2
		var seconds [2]float64
		for _, which := range []int{first, 1 - first} {
			if err := world.Barrier(); err != nil {
				return nil, nil, err
			}
			if seconds[which], err = loops[which](world, m, rounds); err != nil {
				return nil, nil, err
			}
		}
		var slowest [2]float64
		if err := mpi.Allreduce(world, seconds[:], slowest[:], mpi.OpMax); err != nil {
			return nil, nil, err
		}
		c, g = append(c, slowest[0]), append(g, slowest[1])
	}
	return c, g, nil
}

// turnTime is how long a turn takes, in seconds: so short that other programs disturb few.
const turnTime = 1e-3

// rounds is how often a loop runs in a turn; the loops that find out warm up as well.
func (p pattern) rounds(world *mpi.Comm, m *memory) (int, error) {
	const most = 2048
	for rounds := 1; ; rounds *= 2 {
		took, err := p.inC(world, m, rounds)
		if err != nil {
			return 0, err
		}
		if _, err := p.inGo(world, m, rounds); err != nil {
			return 0, err
		}
		enough := []byte{0}
		if took*p.ways*float64(rounds) > turnTime/2 || rounds >= most {
			enough[0] = 1
		}
		if err := mpi.Bcast(world, enough, 0); err != nil || enough[0] == 1 {
			return rounds, err
		}
	}
}

// median sorts values and is their middle, or the mean of the two in the middle.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
