package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// newJobPage is the form of a job.
type newJobPage struct {
	Form     jobForm
	Sentence string // what is wrong
	Restored bool   // after a session has ended: it was not sent
	Faults   faults
	Datasets []string // proposals
	Assets   []listedAsset
	Total    int // how many assets the dataset has
	Models   []string
	Freqs    []string
	Dates    client.NextTimes
	Key      string // makes sending the form twice harmless
}

// listedAsset is an asset of the dataset, with what the form says of it.
type listedAsset struct {
	client.AssetInfo
	Chosen bool
	Amount string
	Errors []string
}

// Spark is a picture of the last values.
func (a listedAsset) Spark() *spark { return pastSpark(a.Last) }

// mostListed is how many assets the form lists. Further ones are typed.
const mostListed = 500

// More are the faults of assets that the form does not list: those that were typed.
func (p newJobPage) More() []string {
	var all []string
	typed := p.Form.assets()
	for _, pointer := range sorted(p.Faults) {
		parts := strings.SplitN(strings.TrimPrefix(pointer, "/"), "/", 2)
		if len(parts) < 2 || !slices.Contains([]string{"assets", "weights", "holdings"}, parts[0]) {
			continue
		}
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(parts[1])
		if i, err := strconv.Atoi(name); parts[0] == "assets" && err == nil && i < len(typed) {
			name = typed[i]
		}
		if !slices.ContainsFunc(p.Assets, func(a listedAsset) bool { return a.Asset == name }) {
			for _, detail := range p.Faults[pointer] {
				all = append(all, name+": "+detail)
			}
		}
	}
	return all
}

// usualHorizon is the horizon of a new form.
const usualHorizon = 5

func newJob(v *visit) error {
	if !v.who.May(auth.JobsWrite) {
		return problem.New(problem.Forbidden, "submitting jobs needs the right jobs:write, which you do not have")
	}
	q := v.g.Request.URL.Query()
	spec := job.Spec{Dataset: q.Get("dataset"), Assets: []string{"*"}, Horizon: usualHorizon}.Defaulted()
	if id := q.Get("copy"); id != "" {
		j, err := v.data.Job(v.context(), job.ID(id))
		if err != nil {
			return err
		}
		spec = j.Spec
	}
	values, err := valuesOf(spec)
	if err != nil {
		return err
	}
	return v.showForm(http.StatusOK, newJobPage{Form: jobForm{values}})
}

// restoreJob shows the form as it was when its session had ended.
func restoreJob(v *visit, form url.Values) error {
	return v.showForm(http.StatusOK, newJobPage{Form: jobForm{form}, Restored: true})
}

// submitJob submits the job, or shows the form again with what is wrong with it.
func submitJob(v *visit) error {
	page := newJobPage{Form: jobForm{v.form}}
	if v.form.Has("look") {
		return v.showForm(http.StatusOK, page)
	}
	body, wrong := page.Form.spec()
	if wrong != nil {
		page.Sentence, page.Faults = "the further fields cannot be read", wrong
		return v.showForm(http.StatusUnprocessableEntity, page)
	}
	j, err := v.data.CreateJobFrom(v.context(), body, v.form.Get("key"))
	if err != nil {
		p := problemOf(err)
		if p.Status == http.StatusUnauthorized || p.Status >= http.StatusInternalServerError && p.Status != http.StatusServiceUnavailable {
			return err
		}
		page.Sentence, page.Faults = p.Detail, faultsOf(p)
		return v.showForm(p.Status, page)
	}
	return v.see("/jobs/" + string(j.ID) + "?done=submitted")
}

// showForm shows the form of a job with what it may choose from.
func (v *visit) showForm(status int, page newJobPage) error {
	page.Models, page.Freqs = job.Models(), job.Freqs()
	page.Key = v.form.Get("key")
	if page.Key == "" || page.Faults != nil || page.Restored { // what is sent next is another job
		page.Key = uuid.NewString()
	}
	all, err := v.data.Datasets(v.context(), "", mostListed)
	if err != nil {
		return err
	}
	for _, d := range all.Items {
		page.Datasets = append(page.Datasets, d.Name)
	}
	if err := v.listAssets(&page); err != nil {
		return err
	}
	return v.c.pages.show(v, status, "newjob", "New job", page)
}

// listAssets lists the assets of the form's dataset, if there is one, and the dates of its forecast.
func (v *visit) listAssets(page *newJobPage) error {
	name, version, ok := job.DatasetName(page.Form.Get("dataset"))
	if !ok {
		return nil
	}
	found, err := v.data.SketchedAssets(v.context(), name, version, 0, mostListed, sparkValues)
	if problem.Is(err, problem.NotFound) {
		return nil // the field says so when the form is sent
	}
	if err != nil {
		return err
	}
	page.Total = found.Total
	chosen := page.Form.Values["asset"]
	for _, a := range found.Items {
		l := listedAsset{AssetInfo: a, Amount: page.Form.Get(amountOf + a.Asset), Chosen: slices.Contains(chosen, a.Asset)}
		for _, field := range []string{"/weights/", "/holdings/"} {
			l.Errors = append(l.Errors, page.Faults[field+problem.Escape(a.Asset)]...)
		}
		if at := slices.Index(page.Form.assets(), a.Asset); at >= 0 {
			l.Errors = append(l.Errors, page.Faults["/assets/"+strconv.Itoa(at)]...)
		}
		page.Assets = append(page.Assets, l)
	}
	horizon, err := strconv.Atoi(strings.TrimSpace(page.Form.Get("horizon")))
	if err != nil || horizon < 1 {
		return nil
	}
	page.Dates, err = v.data.NextTimes(v.context(), name, version, horizon, page.Form.Get("freq"))
	if problem.Is(err, problem.Invalid) || problem.Is(err, problem.Conflict) {
		return nil // likewise
	}
	return err
}
