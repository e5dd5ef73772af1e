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
	Columns   []listColumn
	Orders    []orderChoice
	Order     orderChoice // that the list has
	Jobs      []job.Summary
	First     string // address of the first page, on another one
	Next      string // address of the next page
	MayChange bool
}

// listColumn is the head of a column of a list.
type listColumn struct {
	Name  string
	About string // for those who do not see where it stands
	Class string
	Sort  string // address of the list sorted by it, in the other direction once it is; "" where it cannot be
	Aria  string // how the list is sorted by it
}

// orderChoice is an order of the list of jobs, in words.
type orderChoice struct {
	job.Order
	Name string
	Lack string // which jobs have no place in it
}

func orderChoices() []orderChoice {
	const going, idle = "Jobs that have not ended have no place in this order.", "Jobs that never ran, or have not ended, have no place in this order."
	return []orderChoice{{job.ByNewest, "the newest first", ""}, {job.BySubmission, "the oldest first", ""},
		{"-" + job.ByEnd, "the latest end first", going}, {job.ByEnd, "the earliest end first", going},
		{job.ByDataset, "datasets from A to Z", ""}, {"-" + job.ByDataset, "datasets from Z to A", ""},
		{"-" + job.ByDuration, "the longest first", idle}, {job.ByDuration, "the shortest first", idle}}
}

// listed is the address of the list in an order.
func (f jobFilter) listed(o job.Order, pairs ...string) string {
	if o != job.ByNewest {
		pairs = append(pairs, "sort", string(o))
	}
	return at("/jobs", with(f.query(), pairs...))
}

// columns are the heads of the list in an order.
func (f jobFilter) columns(now job.Order) []listColumn {
	head := func(name, class string, first job.Order) listColumn {
		c := listColumn{Name: name, Class: class}
		if f.Batch != "" || first.Key() == job.ByDuration && f.Owner+f.Dataset != "" { // no index serves these
			return c
		}
		if now.Key() == first.Key() {
			if c.Aria = "ascending"; now.Descending() {
				c.Aria = "descending"
			}
			if now == first {
				first = first.Reversed()
			}
		}
		c.Sort = f.listed(first)
		return c
	}
	named := head("Job", "", job.ByDataset)
	named.About = ", by the name of its dataset"
	return []listColumn{named, {Name: "State"}, {Name: "Model", Class: "wide"}, {Name: "Horizon", Class: "wide number"}, {Name: "By", Class: "wide"},
		head("Submitted", "wide", job.ByNewest), head("Ended", "wide", "-"+job.ByEnd), head("Ran for", "wide number", "-"+job.ByDuration)}
}

func showJobs(v *visit) error {
	q := v.g.Request.URL.Query()
	filter, order, cursor := filterOf(q), job.Order(q.Get("sort")), q.Get("cursor")
	out := jobsPage{Filter: filter, Orders: orderChoices(), MayChange: v.who.May(auth.JobsWrite)}
	fetch := func() (client.Jobs, error) {
		asked := filter.JobFilter
		asked.Order = order
		return v.data.JobsPage(v.context(), asked, cursor, jobsPerPage)
	}
	page, err := fetch()
	status := http.StatusOK
	if problem.Is(err, problem.Invalid) {
		p := problemOf(err)
		out.Faults, status = faultsOf(p), p.Status
		if order, cursor, err = "", "", nil; len(out.Faults) == 1 && len(out.Faults["sort"]) > 0 { // the list is there, in the usual order
			page, err = fetch()
		}
	}
	if err != nil {
		return err
	}
	out.Jobs, out.Order = page.Items, out.Orders[0]
	for _, o := range out.Orders {
		if o.Order == order {
			out.Order = o
		}
	}
	out.Columns = filter.columns(out.Order.Order)
	if page.Next != "" {
		out.Next = filter.listed(out.Order.Order, "cursor", page.Next)
	}
	if cursor != "" {
		out.First = filter.listed(out.Order.Order)
	}
	return v.c.pages.show(v, status, "jobs", "Jobs", out)
}
