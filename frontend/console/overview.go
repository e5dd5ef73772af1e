package console

import (
	"math"
	"net/http"
	"time"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/queue/message"
)

// overviewPage is the first page: what runs, what has ended, and what went wrong.
type overviewPage struct {
	InFlight []job.Summary
	Ended    []job.Summary
	Wrong    []job.Summary
	Datasets []client.Version
	Service  *serviceFigures // for those who may see queues
	Jobs     bool            // who is signed in may see jobs
	New      bool            // and submit some
	Upload   bool
}

// serviceFigures say how much the whole service has to do.
type serviceFigures struct {
	Waiting, Leased int
	Oldest          float64 // seconds
	Worlds, Ranks   int
	Busy            int    // of the ranks
	Fault           string // why the figures are missing
}

// patience is how long the first page waits for the message service.
const patience = 2 * time.Second

func (v *visit) serviceFigures() *serviceFigures {
	var out serviceFigures
	queue := v.queue().Within(patience)
	queues, err := queue.Queues(v.context())
	var workers message.Workers
	if err == nil {
		workers, err = queue.Workers(v.context(), 0, 0)
	}
	if err != nil {
		out.Fault = problemOf(outsideQueue(err)).Detail
		return &out
	}
	for _, q := range queues.Queues {
		out.Waiting += q.Waiting
		out.Leased += q.Leased
		out.Oldest = max(out.Oldest, q.OldestAge)
	}
	for _, w := range workers.Workers {
		out.Worlds++
		out.Ranks += w.RankCount
		out.Busy += int(math.Round(w.Busy * float64(w.RankCount)))
	}
	return &out
}

// briefly is how many of a kind the first page lists.
const briefly = 6

func showOverview(v *visit) error {
	out := overviewPage{Jobs: v.who.May(auth.JobsRead), New: v.who.May(auth.JobsWrite), Upload: v.who.May(auth.DatasetsWrite)}
	if v.may(auth.QueuesWrite) {
		out.Service = v.serviceFigures()
	}
	if out.Jobs {
		for _, list := range []struct {
			into   *[]job.Summary
			states []job.State
		}{
			{&out.InFlight, job.InFlight()}, {&out.Ended, []job.State{job.Done, job.Partial}}, {&out.Wrong, []job.State{job.Failed, job.Dead}},
		} {
			page, err := v.data.JobsPage(v.context(), client.JobFilter{States: list.states}, "", briefly)
			if err != nil {
				return err
			}
			*list.into = page.Items
		}
	}
	if v.who.May(auth.DatasetsRead) {
		page, err := v.data.Datasets(v.context(), "", briefly)
		if err != nil {
			return err
		}
		out.Datasets = page.Items
	}
	return v.c.pages.show(v, http.StatusOK, "overview", "Overview", out)
}
