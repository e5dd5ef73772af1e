// Idle measures ranks that wait for rank 0: what share of a core they use, and how long after
// the call of rank 0 the last of them returns, where they wait for a broadcast of MPI and sleep
// between tests, and where they wait for a bell (package wake).
//
//	mpirun -np 4 --oversubscribe --bind-to none idle
//
// All ranks must run on one machine, whose clock they share. With -width 2, the bell takes each two
// of them for a node.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"foliocast/mpicalc/mpi"
	"foliocast/mpicalc/mpi/wake"
)

func main() {
	wait := flag.Duration("wait", time.Second, "how long the ranks wait each time")
	turns := flag.Int("turns", 10, "how often they wait in each way")
	width := flag.Int("width", 0, "ranks of a node for the bell; 0 means as it is")
	flag.Parse()
	if flag.NArg() > 0 || *turns < 1 || *wait <= 0 || *width < 0 {
		fmt.Fprintln(os.Stderr, "idle: usage: mpirun -np N idle [-wait 1s] [-turns 10] [-width 2], both times above 0")
		os.Exit(2)
	}
	err := mpi.Main(func(world *mpi.Comm) error { return measure(world, *wait, *turns, *width, os.Stdout) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "idle:", err)
		os.Exit(1)
	}
}

// way is a way to wait for eight bytes of rank 0.
type way struct {
	name  string
	bcast func(message []byte) error
}

func measure(world *mpi.Comm, wait time.Duration, turns, width int, out io.Writer) error {
	if world.Size() < 2 {
		return fmt.Errorf("two ranks are needed: mpirun -np 2 idle")
	}
	bell, err := newBell(world, width)
	if err != nil {
		return err
	}
	var ways []way
	for _, sleep := range []time.Duration{1, 5, 10, 20, 50} {
		sleep *= time.Millisecond
		ways = append(ways, way{fmt.Sprint("tests, asleep for up to ", sleep), func(message []byte) error {
			request, err := mpi.Ibcast(world, message, 0)
			if err != nil {
				return err
			}
			return request.WaitSleeping(sleep)
		}})
	}
	ways = append(ways, way{"bell", bell.Bcast})
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "way to wait\trank 0 % of a core\tothers % (worst)\twake ms (median)\twake ms (worst)\t")
	for _, w := range ways {
		row, err := w.measure(world, wait, turns)
		if err != nil {
			return err
		}
		fmt.Fprintln(table, row)
	}
	if err := bell.Free(); err != nil || world.Rank() > 0 {
		return err
	}
	return table.Flush()
}

func newBell(world *mpi.Comm, width int) (*wake.Bell, error) {
	if width == 0 {
		return wake.New(world)
	}
	node, err := world.Split(int(world.Rank())/width, 0)
	if err != nil {
		return nil, err
	}
	return wake.NewOn(world, node)
}

// measure returns the row of the table.
func (w way) measure(world *mpi.Comm, wait time.Duration, turns int) (string, error) {
	var delays []float64
	begin, used := time.Now(), cpuTime()
	for range turns {
		delay, err := w.wake(world, wait)
		if err != nil {
			return "", err
		}
		delays = append(delays, delay)
	}
	share := 100 * float64(cpuTime()-used) / float64(time.Since(begin))
	shares := make([]float64, world.Size())
	if err := mpi.Allgather(world, []float64{share}, shares); err != nil {
		return "", err
	}
	// The last rank to wake counts.
	last := make([]float64, turns)
	if err := mpi.Allreduce(world, delays, last, mpi.OpMax); err != nil {
		return "", err
	}
	slices.Sort(last)
	return fmt.Sprintf("%s\t%.2f\t%.2f\t%.2f\t%.2f\t",
		w.name, shares[0], slices.Max(shares[1:]), last[turns/2]*1e3, last[turns-1]*1e3), nil
}

// wake makes rank 0 broadcast the time after wait, which it spends outside MPI as
// mpicalc does without work. It returns how many seconds later the calling rank has
// received it.
func (w way) wake(world *mpi.Comm, wait time.Duration) (float64, error) {
	message := make([]byte, 8)
	if world.Rank() == 0 {
		time.Sleep(wait)
		binary.LittleEndian.PutUint64(message, uint64(time.Now().UnixNano()))
	}
	if err := w.bcast(message); err != nil {
		return 0, err
	}
	return time.Since(time.Unix(0, int64(binary.LittleEndian.Uint64(message)))).Seconds(), nil
}

// cpuTime is the CPU time that this process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
