package foliocast

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// drawEvery is how often a list is drawn at most.
const drawEvery = 100 * time.Millisecond

// jobsWatch keeps a list of jobs true by their events.
type jobsWatch struct {
	app    *app
	client *client.Client
	filter client.JobFilter
	limit  int

	jobs  []job.Summary // the newest first
	lines csvWriter     // for CSV
	drawn int           // lines of a terminal that the list takes
}

// run shows the list and what changes in it, until ctx ends.
func (w *jobsWatch) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	screen, terminal := w.screen()
	if w.app.format == asCSV {
		var err error
		if w.lines, err = jobSheet(nil).csv(w.app.out); err != nil {
			return err
		}
	}
	changes := make(chan change)
	go w.listen(ctx, changes)
	var due <-chan time.Time
	for {
		select {
		case c := <-changes:
			changed, err := w.take(ctx, c)
			if err != nil {
				return err
			}
			switch {
			case !terminal:
				if err := w.print(changed); err != nil {
					return err
				}
			case due == nil:
				due = time.After(drawEvery)
			}
		case <-due:
			due = nil
			if err := w.draw(screen); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// screen is the terminal on which the list is drawn, if it is.
func (w *jobsWatch) screen() (*os.File, bool) {
	out, is := w.app.out.(*os.File)
	return out, is && terminal(out) && !w.app.json && w.app.format != asCSV
}

// change is a new list, an event, or the end.
type change struct {
	list  []job.Summary
	event job.LogEvent
	err   error
}

// listen sends the list as it is, then what happens, and after a gap in the events the list again. It ends with ctx or an error.
func (w *jobsWatch) listen(ctx context.Context, to chan<- change) {
	send := func(c change) bool {
		select {
		case to <- c:
			return c.err == nil
		case <-ctx.Done():
			return false
		}
	}
	for {
		after, err := patiently(ctx, watchTick, watchLimit, func() (int64, error) { return w.client.Position(ctx) })
		var list []job.Summary
		if err == nil {
			list, err = patiently(ctx, watchTick, watchLimit, func() ([]job.Summary, error) { return listJobs(ctx, w.client, w.filter, w.limit) })
		}
		if !send(change{list: list, err: err}) {
			return
		}
		f := client.EventFilter{Kinds: []string{job.JobEvents}, Owner: w.filter.Owner, Dataset: w.filter.Dataset, Batch: w.filter.Batch}
		for e, err := range w.client.Events(ctx, f, after) {
			if _, gap := errors.AsType[*client.Reset](err); gap {
				break
			}
			if !send(change{event: e, err: err}) {
				return
			}
		}
		select {
		case <-time.After(watchTick):
		case <-ctx.Done():
			return
		}
	}
}

// take makes a change, and returns the jobs that are new or different.
func (w *jobsWatch) take(ctx context.Context, c change) (changed []job.Summary, err error) {
	switch {
	case c.err != nil:
		return nil, c.err
	case c.list != nil:
		for _, j := range slices.Backward(c.list) { // the newest last, where the next lines follow
			if i := w.find(j.ID); i < 0 || !sameJob(w.jobs[i], j) {
				changed = append(changed, j)
			}
		}
		w.jobs = c.list
		return changed, nil
	}
	e, i := c.event, w.find(c.event.Job)
	switch state := e.Type.State(); {
	case e.Type == job.EventRemoved:
		w.jobs = slices.DeleteFunc(w.jobs, func(j job.Summary) bool { return j.ID == e.Job })
		return nil, nil
	case i < 0 && (state == "" || !w.wants(state)):
		return nil, nil
	case i < 0, state == job.Queued, e.Type == job.EventChanged: // the event does not have all of it
		return w.fetch(ctx, e.Job)
	}
	was := w.jobs[i]
	after(&w.jobs[i], e)
	if j := w.jobs[i]; !sameJob(was, j) {
		changed = append(changed, j)
	}
	if !w.wants(w.jobs[i].State) {
		w.jobs = slices.Delete(w.jobs, i, i+1)
	}
	return changed, nil
}

func (w *jobsWatch) find(id job.ID) int {
	return slices.IndexFunc(w.jobs, func(j job.Summary) bool { return j.ID == id })
}

// wants reports whether the list has jobs in a state.
func (w *jobsWatch) wants(s job.State) bool {
	return len(w.filter.States) == 0 || slices.Contains(w.filter.States, s)
}

// sameJob reports whether a list shows two versions of a job alike.
func sameJob(x, y job.Summary) bool {
	return x.State == y.State && x.Progress == y.Progress && x.Cancelling == y.Cancelling && x.WaitingFor == y.WaitingFor && specText(x.Spec) == specText(y.Spec)
}

// after makes a job what an event says.
func after(j *job.Summary, e job.LogEvent) {
	switch state := e.Type.State(); {
	case e.Type == job.EventCancelling:
		j.Cancelling = true
	case e.Type == job.EventProgress:
		j.Progress = e.Progress
	case state == job.Running:
		j.State, j.StartedAt, j.WaitingFor = state, &e.At, job.WaitsForNothing
	case state.Final():
		j.State, j.EndedAt, j.WaitingFor, j.Error, j.Cancelling = state, &e.At, job.WaitsForNothing, e.Error, false
		if state == job.Done || state == job.Partial {
			j.Progress = 1
		}
	}
}

// fetch puts a job into the list as it is now.
func (w *jobsWatch) fetch(ctx context.Context, id job.ID) ([]job.Summary, error) {
	got, err := patiently(ctx, watchTick, watchLimit, func() (client.Snapshot, error) { return w.client.Job(ctx, id) })
	w.jobs = slices.DeleteFunc(w.jobs, func(j job.Summary) bool { return j.ID == id })
	if problem.Is(err, problem.NotFound) { // removed meanwhile
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	j := got.Job.Summary()
	if !w.wants(j.State) {
		return []job.Summary{j}, nil
	}
	at, _ := slices.BinarySearchFunc(w.jobs, j, func(x, y job.Summary) int {
		return cmp.Or(y.CreatedAt.Compare(x.CreatedAt), strings.Compare(string(y.ID), string(x.ID)))
	})
	w.jobs = slices.Insert(w.jobs, at, j)
	w.jobs = w.jobs[:min(len(w.jobs), w.limit)]
	return []job.Summary{j}, nil
}

// print prints jobs that have changed, each as a line.
func (w *jobsWatch) print(changed []job.Summary) error {
	out := &checked{w: w.app.out}
	for _, j := range changed {
		switch {
		case w.app.json:
			jsonLine(out, j)
		case w.app.format == asCSV:
			if err := w.lines.add(jobSheet([]job.Summary{j}).rows...); err != nil {
				return err
			}
		default:
			line(out, "%s  %-9s %4s  %s  %s", j.ID, stateText(j), percent(j.Progress), j.Owner, specText(j.Spec))
		}
	}
	return out.err
}

// draw draws the list over the one before.
func (w *jobsWatch) draw(out *os.File) error {
	_, height, err := term.GetSize(int(out.Fd()))
	if err != nil || height < 3 {
		height = 24
	}
	var list bytes.Buffer
	shown := w.jobs[:min(len(w.jobs), height-2)] // below its header, above the cursor
	w.app.table(&list, jobSheet(shown))
	text := fmt.Sprintf("\x1b[?7l\r\x1b[%dA\x1b[J%s\x1b[?7h", max(w.drawn, 1), list.String()) // lines that are too long do not wrap
	if w.drawn == 0 {
		text = "\x1b[?7l" + list.String() + "\x1b[?7h"
	}
	w.drawn = 1 + len(shown)
	_, err = io.WriteString(out, text)
	return err
}
