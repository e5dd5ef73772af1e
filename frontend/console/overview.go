package console

import (
	"net/http"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
)

// overviewPage is the first page: what runs, what has ended, and what went wrong.
type overviewPage struct {
	InFlight []job.Summary
	Ended    []job.Summary
	Wrong    []job.Summary
	Datasets []client.Version
	Jobs     bool // who is signed in may see jobs
	New      bool // and submit some
	Upload   bool
}

// briefly is how many of a kind the first page lists.
const briefly = 6

func showOverview(v *visit) error {
	out := overviewPage{Jobs: v.who.May(auth.JobsRead), New: v.who.May(auth.JobsWrite), Upload: v.who.May(auth.DatasetsWrite)}
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
