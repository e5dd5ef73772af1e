package spmd

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"foliocast/mpicalc/forecast"
)

// Engine makes forecasts, as a [forecast.Engine] does. It belongs to one goroutine.
type Engine interface {
	Forecast(dst *forecast.Result, s forecast.Series, m *forecast.Method) error
}

// task is one series for the rank that fits it.
type task struct {
	series     forecast.Series
	options    *forecast.Options
	wantErrors bool
	mapped     bool
	text       Text
}

// thread is the workspace of one goroutine that fits.
type thread struct {
	newEngine  func() Engine
	engine     Engine
	write      Write
	options    *forecast.Options // of the previous task
	method     *forecast.Method  // that they ask for
	result     forecast.Result
	touchedSum float64 // what touch returned: without a use the compiler would drop the reads
}

// fit appends the encoded answers to tasks, each after its length, and how long each run of series of the same kind took.
func (t *thread) fit(out []byte, runs []run, tasks []task) ([]byte, []run) {
	for first := 0; first < len(tasks); {
		n := runLength(tasks[first:])
		begin := time.Now()
		for i := range tasks[first : first+n] {
			out = t.answer(out, &tasks[first+i])
		}
		runs = append(runs, run{n, time.Since(begin)})
		first += n
	}
	return out, runs
}

// run is a number of consecutive series of the same kind, and how long they took.
type run struct {
	series int
	took   time.Duration
}

// runLength is how many tasks from the first on are of its kind.
func runLength(tasks []task) int {
	n := 1
	for n < len(tasks) && sameKind(&tasks[0], &tasks[n]) {
		n++
	}
	return n
}

// sizeBytes is the length of the number that precedes each encoded answer.
const sizeBytes = 4

func (t *thread) answer(out []byte, task *task) []byte {
	at := len(out)
	out = append(out, make([]byte, sizeBytes)...)
	if err := t.forecast(task); err != nil {
		out = appendError(out, err)
	} else {
		out = t.text(appendResult(out, &t.result, task.wantErrors), task)
	}
	binary.LittleEndian.PutUint32(out[at:], uint32(len(out)-at-sizeBytes))
	return out
}

// text appends the text that a series asks for, which ends its answer. A panic leaves it out: rank 0 then meets the cause.
func (t *thread) text(out []byte, task *task) (text []byte) {
	if task.text.Form == 0 || t.write == nil {
		return out
	}
	defer func() {
		if cause := recover(); cause != nil {
			slog.Error("panic while writing numbers", "err", fmt.Sprint(cause), "stack", string(debug.Stack()))
			text = out
		}
	}()
	return t.write(out, task.text, task.options, &t.result)
}

// recoverSeries turns a panic into the error of the series at hand: one series must not end the job, and with it the world.
// The stack goes to the log.
func (t *thread) recoverSeries(task *task, err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	model := task.options.Model
	slog.Error("panic while forecasting", "model", model, "values", len(task.series.Values), "err", fmt.Sprint(cause), "stack", string(debug.Stack()))
	t.engine, t.result = t.newEngine(), forecast.Result{} // what is left in them may be half written
	*err = &SeriesError{Code: "internal", Detail: fmt.Sprintf("the model %s failed on the series: %v; this is a fault of the program", model, cause)}
}

func (t *thread) forecast(task *task) (err error) {
	defer t.recoverSeries(task, &err)
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
