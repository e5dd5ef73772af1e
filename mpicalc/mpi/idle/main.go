// Idle measures WaitSleeping: what share of a core a waiting rank uses, and how long
// after the call of rank 0 the others return, for several values of maxSleep.
//
//	mpirun -np 4 --oversubscribe --bind-to none idle
//
// All ranks must run on one machine, whose clock they share.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"foliocast/mpicalc/mpi"
)

func main() {
	wait := flag.Duration("wait", time.Second, "how long the ranks wait each time")
	turns := flag.Int("turns", 10, "how often they wait for each maximum sleep")
	flag.Parse()
	if flag.NArg() > 0 || *turns < 1 || *wait <= 0 {
		fmt.Fprintln(os.Stderr, "idle: usage: mpirun -np N idle [-wait 1s] [-turns 10], both above 0")
		os.Exit(2)
	}
	err := mpi.Main(func(world *mpi.Comm) error { return measure(world, *wait, *turns, os.Stdout) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "idle:", err)
		os.Exit(1)
	}
}

func measure(world *mpi.Comm, wait time.Duration, turns int, out io.Writer) error {
	if world.Size() < 2 {
		return fmt.Errorf("two ranks are needed: mpirun -np 2 idle")
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "maximum sleep\trank 0 % of a core\tothers % (worst)\twake ms (median)\twake ms (worst)\t")
	for _, sleep := range []time.Duration{1, 5, 10, 20, 25, 50, 100} {
		sleep *= time.Millisecond
		var delays []float64
		begin, used := time.Now(), cpuTime()
		for range turns {
			delay, err := wake(world, wait, sleep)
			if err != nil {
				return err
			}
			delays = append(delays, delay)
		}
		share := 100 * float64(cpuTime()-used) / float64(time.Since(begin))
		shares := make([]float64, world.Size())
		if err := mpi.Allgather(world, []float64{share}, shares); err != nil {
			return err
		}
		// The last rank to wake counts.
		last := make([]float64, turns)
		if err := mpi.Allreduce(world, delays, last, mpi.OpMax); err != nil {
			return err
		}
		slices.Sort(last)
		fmt.Fprintf(table, "%v\t%.2f\t%.2f\t%.2f\t%.2f\t\n",
			sleep, shares[0], slices.Max(shares[1:]), last[turns/2]*1e3, last[turns-1]*1e3)
	}
	if world.Rank() > 0 {
		return nil
	}
	return table.Flush()
}

// wake makes rank 0 broadcast the time after wait, which it spends outside MPI as
// mpicalc does without work. It returns how many seconds later the calling rank has
// received it.
func wake(world *mpi.Comm, wait, sleep time.Duration) (float64, error) {
	sent := make([]int64, 1)
	if world.Rank() == 0 {
		time.Sleep(wait)
		sent[0] = time.Now().UnixNano()
	}
	request, err := mpi.Ibcast(world, sent, 0)
	if err != nil {
		return 0, err
	}
	if err := request.WaitSleeping(sleep); err != nil {
		return 0, err
	}
	return time.Since(time.Unix(0, sent[0])).Seconds(), nil
}

// cpuTime is the CPU time that this process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
