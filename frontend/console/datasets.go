package console

import (
	"net/http"
	"net/url"
	"strconv"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

// datasetsPage lists datasets, and takes a file.
type datasetsPage struct {
	Datasets []client.Version
	First    string
	Next     string
	Upload   *uploadForm // nil when who is signed in may not upload
}

func showDatasets(v *visit) error {
	return v.showDatasets(http.StatusOK, uploadForm{Name: v.g.Query("name")})
}

func (v *visit) showDatasets(status int, form uploadForm) error {
	after := v.g.Query("after")
	page, err := v.data.Datasets(v.context(), after, 0)
	if err != nil {
		return err
	}
	out := datasetsPage{Datasets: page.Items}
	if page.Next != "" {
		out.Next = at("/datasets", url.Values{"after": {page.Next}})
	}
	if after != "" {
		out.First = "/datasets"
	}
	if v.who.May(auth.DatasetsWrite) {
		out.Upload = &form
	}
	return v.c.pages.show(v, status, "datasets", "Datasets", out)
}

// datasetPage shows a version of a dataset.
type datasetPage struct {
	Version   client.Version
	Newest    bool
	Remarks   []remarks
	Assets    client.Assets
	FirstPage string
	NextPage  string
	Versions  []client.Version
	Older     string
	MayWrite  bool
	MaySubmit bool
	MaySee    bool // its jobs
}

// remarks are the findings of one kind in an upload.
type remarks struct {
	Title string
	client.Findings
}

// assetsListed is how many assets of a dataset a page lists.
const assetsListed = 100

func showDataset(v *visit) error {
	name, q := v.g.Param("name"), v.g.Request.URL.Query()
	versions, err := v.data.Versions(v.context(), name, countOf(q.Get("before")), 20)
	if err != nil {
		return err
	}
	number, offset := countOf(q.Get("version")), countOf(q.Get("offset"))
	shown, err := v.data.Version(v.context(), name, number)
	if err != nil {
		return err
	}
	assets, err := v.data.Assets(v.context(), name, shown.Version, offset, assetsListed)
	if err != nil {
		return err
	}
	path := "/datasets/" + url.PathEscape(name)
	out := datasetPage{Version: shown, Assets: assets, Versions: versions.Items, Remarks: remarksOf(shown.Audit), Newest: number == 0,
		MayWrite: v.who.May(auth.DatasetsWrite), MaySubmit: v.who.May(auth.JobsWrite), MaySee: v.who.May(auth.JobsRead)}
	if assets.Next > 0 {
		out.NextPage = at(path, with(q, "offset", strconv.Itoa(assets.Next))) + "#assets"
	}
	if offset > 0 {
		rest := with(q)
		rest.Del("offset")
		out.FirstPage = at(path, rest) + "#assets"
	}
	if versions.Next > 0 {
		out.Older = at(path, with(q, "before", strconv.Itoa(versions.Next))) + "#versions"
	}
	return v.c.pages.show(v, http.StatusOK, "dataset", name, out)
}

// remarksOf are the findings of an audit, without the kinds that found nothing.
func remarksOf(a client.Audit) []remarks {
	var out []remarks
	for _, r := range []remarks{
		{"Unreadable rows", a.Unreadable}, {"Repeated rows", a.Duplicates}, {"Rows that were merged", a.Merged}, {"Missing values", a.Missing}, {"Infinite values", a.NonFinite},
		{"Values of zero or less", a.NonPositive}, {"Rows out of order", a.Unsorted}, {"Gaps", a.Gaps}, {"Jumps that look like splits", a.Splits},
		{"Assets without a value", a.Empty}, {"Time zone", a.Zones}, {"Times off the calendar", a.OffCalendar}, {"Two times in one period", a.SamePeriod}, {"Irregular times", a.Irregular},
	} {
		if r.Count > 0 {
			out = append(out, r)
		}
	}
	return out
}

// removeDataset asks whether to remove a version, or all for 0, and removes it.
type removePage struct {
	client.Removed
	Version int
	Fault   string
}

func confirmRemoveDataset(v *visit) error {
	name, version := v.g.Param("name"), countOf(v.g.Query("version"))
	out := removePage{Version: version}
	var err error
	out.Removed, err = v.data.RemoveDataset(v.context(), name, version, true)
	if problem.Is(err, problem.Conflict) {
		out.Dataset, out.Fault = name, problemOf(err).Detail
	} else if err != nil {
		return err
	}
	return v.c.pages.show(v, http.StatusOK, "remove", "Remove "+name, out)
}

func removeDataset(v *visit) error {
	if _, err := v.data.RemoveDataset(v.context(), v.g.Param("name"), countOf(v.form.Get("version")), false); err != nil {
		return err
	}
	return v.see("/datasets?done=removed")
}
