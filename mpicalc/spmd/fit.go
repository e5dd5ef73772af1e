package spmd

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"foliocast/mpicalc/forecast"
)

// task is one series for the rank that fits it.
type task struct {
	series     forecast.Series
	options    *forecast.Options
	wantErrors bool
	mapped     bool
}

// fitter is the workspace of one rank.
type fitter struct {
	threads []thread
	costs   []float64
	blocks  [][]byte // encoded answers of a block each
	joined  []byte
}

// thread is the workspace of one goroutine.
type thread struct {
	engine  *forecast.Engine
	options *forecast.Options // of the previous task
	method  *forecast.Method  // that they ask for
	result  forecast.Result
	panic   error
}

func newFitter(threads int) *fitter {
	f := &fitter{threads: make([]thread, max(threads, 1))}
	for i := range f.threads {
		f.threads[i].engine = forecast.New()
	}
	return f
}

// blocksPerThread is into how many blocks per thread the share of a rank is divided: enough that all threads end at about
// the same time although costs are rough estimates.
const blocksPerThread = 16

// minBlock is the least cost of a block, in nanoseconds: far more than starting a goroutine costs.
const minBlock = 100_000

// minAnswer is about the length of the shortest encoded answer, in bytes.
const minAnswer = 32

// fit forecasts every task and returns the encoded answers in order, which are valid until the next call, and how long
// fitting took, without the time to allocate memory for the answers.
func (f *fitter) fit(tasks []task) ([]byte, time.Duration) {
	ends := f.cut(tasks)
	f.blocks = resize(f.blocks, len(ends))
	if len(ends) == 1 {
		room := slices.Grow(f.blocks[0][:0], minAnswer*len(tasks))
		begin := time.Now()
		f.blocks[0] = f.threads[0].fit(room, tasks)
		return f.blocks[0], time.Since(begin)
	}
	begin := time.Now()
	f.share(tasks, ends)
	took := time.Since(begin)
	f.joined = f.joined[:0]
	for _, b := range f.blocks {
		f.joined = append(f.joined, b...)
	}
	return f.joined, took
}

// cut divides tasks into blocks and returns where each ends. There is at least one block, which may be empty.
func (f *fitter) cut(tasks []task) []int {
	if len(f.threads) == 1 {
		return []int{len(tasks)}
	}
	f.costs = resize(f.costs, len(tasks))
	total := 0.0
	var options *forecast.Options
	var p costModel
	for i, t := range tasks {
		if t.options != options {
			options, p = t.options, costModelOf(t.options)
		}
		f.costs[i] = p.of(&t.series)
		total += f.costs[i]
	}
	blocks := min(len(f.threads)*blocksPerThread, int(total/minBlock), len(tasks))
	equal := make([]float64, max(blocks, 1))
	for i := range equal {
		equal[i] = 1
	}
	return split(f.costs, equal)
}

// share lets the threads take blocks until none is left. A panic in one of them becomes a panic of the caller, where the
// rank recovers it.
func (f *fitter) share(tasks []task, ends []int) {
	var next atomic.Int64
	var all sync.WaitGroup
	for i := range min(len(f.threads), len(ends)) {
		t := &f.threads[i]
		all.Go(func() {
			defer t.recoverPanic()
			for b := next.Add(1) - 1; int(b) < len(ends); b = next.Add(1) - 1 {
				begin := 0
				if b > 0 {
					begin = ends[b-1]
				}
				f.blocks[b] = t.fit(f.blocks[b][:0], tasks[begin:ends[b]])
			}
		})
	}
	all.Wait()
	for i := range f.threads {
		if err := f.threads[i].panic; err != nil {
			panic(err)
		}
	}
}

func (t *thread) recoverPanic() {
	if cause := recover(); cause != nil {
		t.panic = fmt.Errorf("%v\n%s", cause, debug.Stack())
	}
}

// fit appends the encoded answers to tasks.
func (t *thread) fit(out []byte, tasks []task) []byte {
	for i := range tasks {
		task := &tasks[i]
		if err := t.forecast(task); err != nil {
			out = appendError(out, err)
			continue
		}
		out = appendResult(out, &t.result, task.wantErrors)
	}
	return out
}

// recoverSeries turns a panic into the error of the series at hand: one series must not end the job, and with it the world.
// The stack goes to the log.
func (t *thread) recoverSeries(err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	slog.Error("panic while forecasting", "err", fmt.Sprint(cause), "stack", string(debug.Stack()))
	t.engine, t.result = forecast.New(), forecast.Result{} // what is left in them may be half written
	*err = &SeriesError{Code: "internal", Detail: fmt.Sprintf("forecasting the series failed: %v; this is a fault of the program", cause)}
}

func (t *thread) forecast(task *task) (err error) {
	defer t.recoverSeries(&err)
	if task.options != t.options || t.method == nil {
		if t.method, err = forecast.NewMethod(*task.options); err != nil {
			return err
		}
		t.options = task.options
	}
	return t.engine.Forecast(&t.result, task.series, t.method)
}

// pageValues is how many values fit on one page of memory.
const pageValues = 4096 / 8

// touch reads one value of each page of mapped values, so that reading the file does not count as fitting. It returns
// their sum, which the caller must store.
func touch(tasks []task) (sum float64) {
	for _, t := range tasks {
		values := t.series.Values
		if !t.mapped || len(values) == 0 {
			continue
		}
		for i := 0; i < len(values); i += pageValues {
			sum += values[i]
		}
		sum += values[len(values)-1]
	}
	return sum
}
