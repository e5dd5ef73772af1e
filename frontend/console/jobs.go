package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// jobsPerPage is how many jobs a page lists.
const jobsPerPage = 50

// jobFilter is a filter of jobs as it stands in an address.
type jobFilter struct{ client.JobFilter }

func filterOf(q url.Values) (f jobFilter) {
	for _, s := range q["state"] {
		if state := job.State(s); !slices.Contains(f.States, state) {
			f.States = append(f.States, state)
		}
	}
	f.Dataset, f.Owner, f.Batch = strings.TrimSpace(q.Get("dataset")), strings.TrimSpace(q.Get("owner")), job.BatchID(strings.TrimSpace(q.Get("batch")))
	return f
}

// query is the filter as it stands in an address.
func (f jobFilter) query() url.Values {
	q := url.Values{}
	for _, s := range f.States {
		q.Add("state", string(s))
	}
	for name, value := range map[string]string{"dataset": f.Dataset, "owner": f.Owner, "batch": string(f.Batch)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// Has reports whether the filter names a state.
func (f jobFilter) Has(s job.State) bool { return slices.Contains(f.States, s) }

// Empty reports whether the filter chooses all jobs.
func (f jobFilter) Empty() bool { return len(f.query()) == 0 }

// Fields are the filter as hidden fields of a form.
func (f jobFilter) Fields() []pair {
	var all []pair
	q := f.query()
	for _, name := range sorted(q) {
		for _, value := range q[name] {
			all = append(all, pair{name, value})
		}
	}
	return all
}

// pair is a name and a value.
type pair struct{ Name, Value string }

// at is an address with a query.
func at(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// with is a query with more in it.
func with(q url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for name, values := range q {
		out[name] = slices.Clone(values)
	}
	for pair := range slices.Chunk(pairs, 2) {
		out.Set(pair[0], pair[1])
	}
	return out
}

// jobsPage lists jobs.
type jobsPage struct {
	Filter    jobFilter
	Faults    faults
	Jobs      []job.Summary
	First     string // address of the first page, on another one
	Next      string // address of the next page
	MayChange bool
}

func showJobs(v *visit) error {
	q := v.g.Request.URL.Query()
	filter := filterOf(q)
	out := jobsPage{Filter: filter, MayChange: v.who.May(auth.JobsWrite)}
	page, err := v.data.JobsPage(v.context(), filter.JobFilter, q.Get("cursor"), jobsPerPage)
	status := http.StatusOK
	if problem.Is(err, problem.Invalid) {
		p := problemOf(err)
		out.Faults, status = faultsOf(p), p.Status
	} else if err != nil {
		return err
	}
	out.Jobs = page.Items
	if page.Next != "" {
		out.Next = at("/jobs", with(filter.query(), "cursor", page.Next))
	}
	if q.Get("cursor") != "" {
		out.First = at("/jobs", filter.query())
	}
	return v.c.pages.show(v, status, "jobs", "Jobs", out)
}
