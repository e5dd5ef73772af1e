// Pingpong measures what the binding costs: two ranks send a message back and forth,
// by a loop in C and by the same loop in Go. The loops alternate in one run, so that
// both run under the same conditions.
//
//	mpirun -np 2 --bind-to core pingpong
//
// For each size it prints the median one-way time in either language and their
// ratio. Ranks after the second only wait for the end.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"foliocast/mpicalc/mpi"
)

func main() {
	turns := flag.Int("turns", 201, "how often each loop runs for each size")
	flag.Parse()
	if flag.NArg() > 0 || *turns < 1 {
		fmt.Fprintln(os.Stderr, "pingpong: usage: mpirun -np 2 pingpong [-turns N], with N from 1")
		os.Exit(2)
	}
	err := mpi.Main(func(world *mpi.Comm) error { return compare(world, *turns, os.Stdout) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "pingpong:", err)
		os.Exit(1)
	}
}

// size is one row of the table: the bytes of a message, and the rounds of a turn. A turn takes one or two milliseconds, so
// that other programs disturb few of them.
type size struct {
	name          string
	bytes, rounds int
}

func sizes() []size {
	return []size{
		{"8 B", 8, 2_000},
		{"1 KiB", 1 << 10, 2_000},
		{"64 KiB", 64 << 10, 50},
		{"1 MiB", 1 << 20, 10},
	}
}

func compare(world *mpi.Comm, turns int, out io.Writer) error {
	if world.Size() < 2 {
		return fmt.Errorf("two ranks are needed: mpirun -np 2 pingpong")
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "size\tC µs\tGo µs\tGo/C\t")
	for _, s := range sizes() {
		buf := make([]byte, s.bytes)
		c, g := make([]float64, turns), make([]float64, turns)
		for turn := range turns + 1 {
			if err := world.Barrier(); err != nil {
				return err
			}
			if world.Rank() > 1 {
				continue
			}
			inC, inGo, err := both(world, buf, s.rounds, turn%2 == 0)
			if err != nil {
				return err
			}
			if turn > 0 { // the first one warms up
				c[turn-1], g[turn-1] = inC, inGo
			}
		}
		c1, g1 := median(c), median(g)
		fmt.Fprintf(table, "%s\t%.3f\t%.3f\t%.2f\t\n", s.name, c1*1e6, g1*1e6, g1/c1)
	}
	if world.Rank() > 0 {
		return nil
	}
	return table.Flush()
}

// both runs each loop once, the one in C first or last.
func both(world *mpi.Comm, buf []byte, rounds int, first bool) (inC, inGo float64, err error) {
	if first {
		if inC, err = loopC(world, buf, rounds); err != nil {
			return 0, 0, err
		}
	}
	if inGo, err = loopGo(world, buf, rounds); err != nil {
		return 0, 0, err
	}
	if !first {
		inC, err = loopC(world, buf, rounds)
	}
	return inC, inGo, err
}
