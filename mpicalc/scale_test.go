package main

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/mpi"
	"foliocast/mpicalc/mpi/mpitest"
	"foliocast/mpicalc/spmd"
)

// A world of many ranks on few cores: all of it is real but for the fits, which sleep.

// asSleeper is the environment variable that makes the test binary a rank of such a world. It holds a sleeperRun.
const asSleeper = "FOLIOCAST_TEST_SLEEPERS"

// sleeperRun is what a world of sleepers does.
type sleeperRun struct {
	Series int
	Fit    time.Duration
	Length int           // values of a series
	Nap    time.Duration // how much sleep a rank owes at most
}

// sleeperReport is what it has measured.
type sleeperReport struct {
	Ranks    int
	Threads  int
	Seconds  float64
	Awaiting float64 // seconds in which rank 0 waited
	Lead     float64 // seconds of a core that the leading thread of rank 0 used
	Others   float64 // and all other ranks together
	Chunks   int
	Sent     int // bytes by rank 0
	Received int // and to it
}

// efficiency is the share of the time of all ranks that fit in which they do.
func (r *sleeperReport) efficiency(run sleeperRun) float64 {
	return float64(run.Series) * run.Fit.Seconds() / float64(r.Threads) / r.Seconds
}

// sleeper is an engine that takes a given time for each series and does nothing in it. It sleeps for several at once: on few cores,
// the kernel could not wake so many ranks for each.
type sleeper struct {
	run    sleeperRun
	due    time.Time // when all fits so far are done
	answer forecast.Result
}

func (s *sleeper) Forecast(dst *forecast.Result, _ forecast.Series, _ *forecast.Method) error {
	*dst = s.answer
	now := time.Now()
	if s.due.Before(now.Add(-s.run.Nap)) { // it was idle, and not only woken late
		s.due = now
	}
	s.due = s.due.Add(s.run.Fit)
	if owed := s.due.Sub(now); owed > s.run.Nap {
		time.Sleep(owed)
	}
	return nil
}

// sleepers is a workload of equal series.
type sleepers struct {
	n      int
	series spmd.Series
}

func (w *sleepers) Len() int               { return w.n }
func (w *sleepers) Series(int) spmd.Series { return w.series }
func (w *sleepers) Take(int, *forecast.Result, error) error {
	return nil
}

// meter is the communicator of rank 0, measured.
type meter struct {
	spmd.Comm
	chunks, sent, received int
	awaiting               time.Duration
}

func (m *meter) Isend(buf []byte, to int) (spmd.Request, error) {
	m.sent += len(buf)
	return m.Comm.Isend(buf, to)
}

func (m *meter) Irecv(buf []byte, from int) (spmd.Request, error) {
	m.chunks++
	m.received += len(buf)
	return m.Comm.Irecv(buf, from)
}

func (m *meter) Await(wake <-chan struct{}, most time.Duration) error {
	begin := time.Now()
	defer func() { m.awaiting += time.Since(begin) }()
	return m.Comm.Await(wake, most)
}

// sleeperRank is one rank. Rank 0 prints the report.
func sleeperRank(text string) error {
	var run sleeperRun
	if err := json.Unmarshal([]byte(text), &run); err != nil {
		return err
	}
	o := &forecast.Options{Model: "theta", Horizon: 6, Levels: []float64{80, 95}}
	series := spmd.Series{Series: forecast.Series{Values: swinging(run.Length, 12)}, Options: o}
	method, err := forecast.NewMethod(*o)
	if err != nil {
		return err
	}
	var answer forecast.Result
	if err := forecast.New().Forecast(&answer, series.Series, method); err != nil {
		return err
	}
	return mpi.Main(func(ranks *mpi.Comm) error {
		w := &world{processors: runtime.GOMAXPROCS(0)}
		config, _, err := w.join(ranks)
		if err != nil {
			return err
		}
		config.Threads = 1
		config.Engine = func() spmd.Engine { return &sleeper{run: run, answer: answer} }
		return w.withBell(func(c comm) error {
			joined := processTime()
			if c.Rank() > 0 {
				runtime.GOMAXPROCS(1) // nothing runs beside the exchange of messages
				if err := spmd.Follow(c, config); err != nil {
					return err
				}
				return mpi.Reduce(ranks, []float64{processTime() - joined}, nil, mpi.OpSum, 0)
			}
			report, err := leadSleepers(c, config, &sleepers{run.Series, series})
			if err != nil {
				return err
			}
			all := make([]float64, 1)
			if err := mpi.Reduce(ranks, []float64{0}, all, mpi.OpSum, 0); err != nil {
				return err
			}
			report.Others = all[0]
			return json.NewEncoder(os.Stdout).Encode(report)
		})
	})
}

// processTime is the CPU time of this process, in seconds.
func processTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func leadSleepers(c comm, config spmd.Config, w *sleepers) (*sleeperReport, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	m := &meter{Comm: c}
	leader, err := spmd.Lead(m, config)
	if err != nil {
		return nil, err
	}
	warm := &sleepers{8 * c.Size(), w.series} // the cost is learned, and all ranks have connected
	if _, err := leader.Run(warm); err != nil {
		return nil, err
	}
	*m = meter{Comm: c}
	begin, used := time.Now(), threadTime()
	if _, err := leader.Run(w); err != nil {
		return nil, err
	}
	report := &sleeperReport{Ranks: c.Size(), Threads: leader.Threads(), Seconds: time.Since(begin).Seconds(), Awaiting: m.awaiting.Seconds(),
		Lead: (threadTime() - used).Seconds(), Chunks: m.chunks, Sent: m.sent, Received: m.received}
	return report, leader.Stop()
}

// runSleepers starts a world of sleepers.
func runSleepers(t testing.TB, ranks int, run sleeperRun) *sleeperReport {
	t.Helper()
	text, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	command := append(mpitest.Mpirun(ranks), os.Args[0])
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Env = append(mpitest.Environ(), asSleeper+"="+string(text))
	out, err := cmd.Output()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("%d ranks: %v\n%s", ranks, err, ended.Stderr)
	}
	var report sleeperReport
	if err := errors.Join(err, json.Unmarshal(out, &report)); err != nil {
		t.Fatalf("%d ranks: %v\n%s", ranks, err, out)
	}
	return &report
}

// sleepersOf is a run on some ranks in which each fits for some seconds.
func sleepersOf(ranks int, fit time.Duration, seconds float64) sleeperRun {
	return sleeperRun{
		Series: int(seconds * float64(ranks-1) / fit.Seconds()),
		Fit:    fit,
		Length: 24,
		Nap:    max(4*time.Millisecond, time.Duration(ranks)*400*time.Microsecond), // about half a chunk
	}
}

// scaleModel predicts how long a world takes, as LogGP does: rank 0 has some time for each message, the two of a chunk here, and some
// for each byte, those of a series here. The other ranks take turns on the cores of this machine, which they would not on a cluster.
type scaleModel struct {
	series, chunk           float64 // seconds of rank 0
	otherSeries, otherChunk float64 // seconds of a core of another rank, beside the fit
	cores                   float64 // that all ranks share; 0 where each has its own
}

// smallWorld is how many ranks the model is measured on.
const smallWorld = 17

// measureModel fits the model to a small world, with few long chunks and with many short ones.
func measureModel(t testing.TB) scaleModel {
	t.Helper()
	var n, c, lead, other [2]float64
	for i, fit := range []time.Duration{100 * time.Microsecond, 2 * time.Millisecond} {
		run := sleepersOf(smallWorld, fit, 1)
		r := runSleepers(t, smallWorld, run)
		n[i], c[i], lead[i], other[i] = float64(run.Series), float64(r.Chunks), r.Lead, r.Others
	}
	d := n[0]*c[1] - n[1]*c[0]
	solve := func(y [2]float64) (perSeries, perChunk float64) {
		return max((y[0]*c[1]-y[1]*c[0])/d, 0), max((n[0]*y[1]-n[1]*y[0])/d, 0)
	}
	m := scaleModel{cores: float64(runtime.NumCPU())}
	m.series, m.chunk = solve(lead)
	m.otherSeries, m.otherChunk = solve(other)
	return m
}

// seconds predicts how long a world takes for n series, in chunks of some series each.
func (m scaleModel) seconds(ranks int, n, fit, perChunk float64) float64 {
	lead, other := m.series+m.chunk/perChunk, m.otherSeries+m.otherChunk/perChunk
	each := max(lead, fit/float64(ranks-1))
	if m.cores > 0 {
		each = max(each, (lead+other)/m.cores)
	}
	first := float64(ranks-1) * perChunk * lead / 2 // until a rank has its first chunk, on average
	return n*each + first
}

// A world of 32 ranks on this machine does little beside fitting. Most of what it costs is counted, since a busy machine lengthens all
// times.
func TestManyRanksAreServed(t *testing.T) {
	const ranks = 32
	run := sleepersOf(ranks, time.Millisecond, 1.5)
	r := runSleepers(t, ranks, run)
	if r.Threads != ranks-1 {
		t.Errorf("%d threads of %d ranks fit, want all but that of rank 0", r.Threads, ranks)
	}
	perChunk := float64(run.Series) / float64(r.Chunks)
	if perChunk < 8 || perChunk > 50 {
		t.Errorf("a chunk has %.1f series of a millisecond, want about 25", perChunk)
	}
	if bytes := float64(r.Sent) / float64(run.Series); bytes > 8*float64(run.Length)+40 {
		t.Errorf("%.0f bytes are sent for a series of %d values", bytes, run.Length)
	}
	if lead := r.Lead / float64(run.Series); lead > 30e-6 {
		t.Errorf("rank 0 uses %.1f µs of a core for a series", lead*1e6)
	}
	if e := r.efficiency(run); e < 0.4 {
		t.Errorf("the ranks fit in %.0f %% of their time", 100*e)
	}
}

// BenchmarkScale measures worlds of sleepers and compares them with what the model expects from a small one, and says what that
// expects of a cluster of 1,024 ranks with a core each.
func BenchmarkScale(b *testing.B) {
	m := measureModel(b)
	b.Logf("rank 0: %.2f µs for a series, %.1f µs for a chunk; other ranks: %.2f and %.0f µs", 1e6*m.series, 1e6*m.chunk, 1e6*m.otherSeries, 1e6*m.otherChunk)
	for _, ranks := range []int{32, 64, 128, 256} {
		b.Run(strconv.Itoa(ranks), func(b *testing.B) {
			run := sleepersOf(ranks, time.Millisecond, 4)
			for b.Loop() {
				r := runSleepers(b, ranks, run)
				perChunk := float64(run.Series) / float64(r.Chunks)
				expected := m.seconds(ranks, float64(run.Series), run.Fit.Seconds(), perChunk)
				b.ReportMetric(100*r.efficiency(run), "%efficiency")
				b.ReportMetric(100*float64(run.Series)*run.Fit.Seconds()/float64(ranks-1)/expected, "%expected")
				b.ReportMetric(100*(1-r.Awaiting/r.Seconds), "%busy-rank-0")
				b.ReportMetric(perChunk, "series/chunk")
				b.ReportMetric(float64(r.Sent+r.Received)/float64(r.Chunks), "B/chunk")
				b.ReportMetric(1e6*r.Lead/float64(run.Series), "µs-of-rank-0/series")
				b.ReportMetric(1e6*r.Others/float64(r.Chunks), "µs-of-others/chunk")
			}
		})
	}
	m.cores = 0
	for _, fit := range []float64{0.5e-3, 1e-3, 2e-3, 5e-3} {
		perChunk := chunkOf1024 / fit
		n := 10 * 1023 / fit
		b.Logf("1024 ranks, fits of %v: %.0f %% expected", time.Duration(fit*1e9), 100*n*fit/1023/m.seconds(1024, n, fit, perChunk))
	}
}

// chunkOf1024 is how many seconds a chunk of a world of 1,024 ranks lasts.
const chunkOf1024 = 0.25
