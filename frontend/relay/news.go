package relay

import (
	"context"
	"slices"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// news turns results into news of jobs. Results whose answers have parts are fetched aside: those
// behind them do not wait, and one process fetches them.
func (r *Relay) news(ctx context.Context, page []message.Result) (store.News, error) {
	arrivals := r.arrivals(page)
	jobs := make([]job.ID, len(arrivals))
	for i, a := range arrivals {
		jobs[i] = a.job
	}
	current, err := r.store.CurrentRuns(ctx, jobs)
	if err != nil {
		return store.News{}, err
	}
	d := digest{state: map[job.ID]job.State{}, outcomes: map[job.ID]store.Outcome{}}
	for id, at := range current {
		d.state[id] = at.State
	}
	for _, a := range arrivals {
		at, known := current[a.job]
		switch {
		case !known || a.run > at.Run:
			r.log.Warn("a result of an unknown job or run", "key", a.Key, "outcome", a.Outcome)
		case a.Outcome == message.Redriven:
			d.redrive(store.SentRun{Job: a.job, Run: a.run}, a.run == at.Run)
		case a.run < at.Run || !d.state[a.job].CanEnd():
			// superseded, or ended already
		case a.Outcome == message.Completed && a.Parts > 0 && a.Parts <= maxParts:
			d.Late = append(d.Late, store.Late{Job: a.job, Run: a.run, Result: a.Result})
		default:
			o, err := r.outcome(ctx, a)
			if err != nil {
				return store.News{}, err
			}
			d.end(o)
		}
	}
	return d.newsOf(jobs), nil
}

// digest is what the news of a page come to, as if they were applied one after the other.
type digest struct {
	store.News
	state    map[job.ID]job.State
	outcomes map[job.ID]store.Outcome
}

// end notes an outcome. One after another of the same run is that of a dead message
// that was redriven, or invalid.
func (d *digest) end(o store.Outcome) {
	if d.state[o.Job].CanBecome(o.State) {
		d.outcomes[o.Job], d.state[o.Job] = o, o.State
	}
}

// redrive notes that a message waits again: it takes back how its run had ended.
func (d *digest) redrive(run store.SentRun, current bool) {
	if !slices.Contains(d.Redriven, run) {
		d.Redriven = append(d.Redriven, run)
	}
	if current && d.state[run.Job].Retryable() {
		delete(d.outcomes, run.Job)
		d.state[run.Job] = job.Queued
	}
}

// newsOf returns the news, with the outcomes in the order of the jobs.
func (d *digest) newsOf(jobs []job.ID) store.News {
	for _, id := range jobs {
		if o, ok := d.outcomes[id]; ok {
			d.Outcomes = append(d.Outcomes, o)
			delete(d.outcomes, id)
		}
	}
	return d.News
}
