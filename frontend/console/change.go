package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// change is cancelling or retrying many jobs: those that are named, or those that a filter
// chooses and that existed when they were counted.
type change struct {
	Action string // cancel or retry
	Filter jobFilter
	IDs    []string
	Until  time.Time // no later job is changed
}

// Bounds of a change of many jobs.
const (
	mostCounted  = 10_000
	countedAt    = 500             // one look at the list
	changedAt    = 100             // jobs, before the next look
	changeTime   = 5 * time.Second // before the browser hears how far it is
	mostRefusals = 20              // that a page lists
)

// changeOf reads a change from a query or a form.
func changeOf(q url.Values) (change, error) {
	c := change{Action: q.Get("action"), Filter: filterOf(q), IDs: q["id"]}
	if c.Action != "cancel" && c.Action != "retry" {
		return c, problem.New(problem.Invalid, "jobs can be cancelled or retried")
	}
	if len(c.IDs) > countedAt {
		return c, problem.Newf(problem.Invalid, "at most %d jobs can be named at once", countedAt)
	}
	if text := q.Get("until"); text != "" {
		var err error
		if c.Until, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return c, problem.New(problem.Invalid, "until is not a time")
		}
	}
	c.Filter.States = slices.DeleteFunc(c.states(), func(s job.State) bool { return len(c.Filter.States) > 0 && !c.Filter.Has(s) })
	return c, nil
}

// states are those of the jobs that the action can change.
func (c change) states() []job.State {
	return slices.DeleteFunc(job.States(), func(s job.State) bool {
		return c.Action == "cancel" && s.Final() || c.Action == "retry" && !s.Retryable()
	})
}

// Verb is what is done, for a heading.
func (c change) Verb() string {
	if c.Action == "retry" {
		return "Retry"
	}
	return "Cancel"
}

// Past is what was done.
func (c change) Past() string {
	if c.Action == "retry" {
		return "queued again"
	}
	return "cancelled"
}

// Fields are the change as hidden fields of a form.
func (c change) Fields() []pair {
	all := append(c.Filter.Fields(), pair{"action", c.Action}, pair{"until", c.Until.Format(time.RFC3339Nano)})
	for _, id := range c.IDs {
		all = append(all, pair{"id", id})
	}
	return all
}

// Back is the list that the change was chosen in.
func (c change) Back() string { return at("/jobs", c.Filter.query()) }

// changePage asks whether many jobs are to be changed, or says how far that is.
type changePage struct {
	change
	Count    int
	More     bool // than were counted
	Done     int
	Refused  int
	Refusals []string // the first of them, in this step
	Cursor   string   // where to go on; "" at the end
	Begun    bool
}

// confirmChange counts the jobs that a change is about.
func confirmChange(v *visit) error {
	c, err := changeOf(v.g.Request.URL.Query())
	if err != nil {
		return err
	}
	out := changePage{change: c}
	if c.Until.IsZero() {
		out.Until = time.Now().UTC()
	}
	if len(c.IDs) > 0 {
		out.Count = len(c.IDs)
		return v.c.pages.show(v, http.StatusOK, "change", c.Verb()+" jobs", out)
	}
	for cursor := ""; len(c.Filter.States) > 0; {
		page, err := v.data.JobsPage(v.context(), c.Filter.JobFilter, cursor, countedAt)
		if err != nil {
			return err
		}
		for _, j := range page.Items {
			if c.changes(j) {
				out.Count++
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		if out.Count >= mostCounted {
			out.More = true
			break
		}
	}
	return v.c.pages.show(v, http.StatusOK, "change", c.Verb()+" jobs", out)
}

// changes reports whether the change is about a job of the list.
func (c change) changes(j job.Summary) bool {
	if !c.Until.IsZero() && j.CreatedAt.After(c.Until) {
		return false
	}
	return c.Action != "cancel" || !j.Cancelling
}

// changeJobs changes some of the jobs, and says where to go on.
func changeJobs(v *visit) error {
	c, err := changeOf(v.form)
	if err != nil {
		return err
	}
	out := changePage{change: c, Begun: true, Cursor: v.form.Get("cursor")}
	out.Done, out.Refused = countOf(v.form.Get("done")), countOf(v.form.Get("refused"))
	if len(c.IDs) > 0 {
		for _, id := range c.IDs {
			if err := out.apply(v, job.ID(id)); err != nil {
				return err
			}
		}
		return v.c.pages.show(v, http.StatusOK, "change", c.Verb()+" jobs", out)
	}
	for end := time.Now().Add(changeTime); len(c.Filter.States) > 0; {
		page, err := v.data.JobsPage(v.context(), c.Filter.JobFilter, out.Cursor, changedAt)
		if err != nil {
			return err
		}
		for _, j := range page.Items {
			if !c.changes(j) {
				continue
			}
			if err := out.apply(v, j.ID); err != nil {
				return err
			}
		}
		if out.Cursor = page.Next; out.Cursor == "" || time.Now().After(end) {
			break
		}
	}
	return v.c.pages.show(v, http.StatusOK, "change", c.Verb()+" jobs", out)
}

// apply changes one job. A job that cannot be changed does not keep the others from it, unlike
// a service that does not answer.
func (p *changePage) apply(v *visit, id job.ID) error {
	var err error
	if p.Action == "retry" {
		_, err = v.data.RetryJob(v.context(), id)
	} else {
		_, err = v.data.CancelJob(v.context(), id)
	}
	switch {
	case err == nil:
		p.Done++
	case problem.Is(err, problem.Conflict) || problem.Is(err, problem.NotFound) || problem.Is(err, problem.Invalid):
		p.Refused++
		if len(p.Refusals) < mostRefusals {
			p.Refusals = append(p.Refusals, problemOf(err).Detail)
		}
	case problem.Is(err, problem.Unauthorized):
		return err
	default:
		q := problemOf(err)
		return &problem.Problem{Type: q.Type, Title: q.Title, Status: q.Status, Faults: q.Faults,
			Detail: fmt.Sprintf("%d jobs are %s, and then: %s", p.Done, p.Past(), q.Detail)}
	}
	return nil
}

// countOf reads a count of the form, which is 0 where it is no number.
func countOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
