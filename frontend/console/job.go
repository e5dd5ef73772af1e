package console

import (
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/report"
)

// jobPage shows a job.
type jobPage struct {
	Job       client.Snapshot
	Final     bool
	MayCancel bool
	MayRetry  bool
	MayWrite  bool
	Result    *resultView
	Commands  []command
	Spec      string // as JSON
}

// resultView is what a job has found.
type resultView struct {
	client.AnswerPage
	Asset    *job.Asset    // that the page is about; nil for the portfolio
	Why      *explanation  // of the asset's forecast
	Steps    *stepTable    // of the portfolio or the asset
	Sections template.HTML // on the risk of the portfolio, or on the backtest
	Next     string        // address of the next page of assets
	First    string
	Find     string // the name that was looked for
	Missing  bool   // there is no asset with that name
	Levels   []string
	Formats  []string
}

// Spark is the picture of an asset of the page.
func (r resultView) Spark(i int) *spark {
	if i >= len(r.Sketches) {
		return nil
	}
	return forecastSpark(r.Sketches[i])
}

// assetsPerPage is how many assets of a result a page lists.
const assetsPerPage = 100

func showJob(v *visit) error { return v.showJob(http.StatusOK) }

func (v *visit) showJob(status int) error {
	id := job.ID(v.g.Param("id"))
	j, err := v.data.Job(v.context(), id)
	if err != nil {
		return err
	}
	may := v.who.May(auth.JobsWrite)
	out := jobPage{Job: j, Final: j.State.Final(), MayWrite: may, MayCancel: may && !j.State.Final() && !j.Cancelling, MayRetry: may && j.State.Retryable()}
	if out.Spec, err = pretty(j.Spec); err != nil {
		return err
	}
	if out.Commands, err = commandsFor(v.g.Request, j.Spec); err != nil {
		return err
	}
	if out.Final {
		if out.Result, err = v.result(j); err != nil {
			return err
		}
	}
	return v.c.pages.show(v, status, "job", "Job "+short(id), out)
}

// result is what a job has found, or nil without a result.
func (v *visit) result(j client.Snapshot) (*resultView, error) {
	q := v.g.Request.URL.Query()
	name, cursor := strings.TrimSpace(q.Get("asset")), q.Get("cursor")
	var page, one client.AnswerPage
	both, ctx := errgroup.WithContext(v.context())
	both.Go(func() (err error) {
		page, err = v.data.AnswerPage(ctx, j.ID, client.AnswerQuery{Brief: true, Sketch: sparkValues, Cursor: cursor, Limit: assetsPerPage})
		return err
	})
	if name != "" { // meanwhile: among many assets, it takes longer to find one
		both.Go(func() (err error) {
			one, err = v.data.AnswerPage(ctx, j.ID, client.AnswerQuery{Assets: []string{name}, Limit: 1})
			return err
		})
	}
	err := both.Wait()
	if problem.Is(err, problem.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := &resultView{AnswerPage: page, Find: name, Formats: formatsOf(j.Spec)}
	path := "/jobs/" + string(j.ID)
	if page.Next != "" {
		out.Next = at(path, with(nil, "cursor", page.Next)) + "#assets"
	}
	if cursor != "" {
		out.First = path + "#assets"
	}
	if out.Steps = stepsOf(page.Overall); out.Steps != nil && j.Spec.Combine == job.Return {
		out.Steps.inPercent()
	}
	if name == "" {
		out.Sections, err = report.Report{Job: j.Job, Answer: page.Answer}.Sections()
		return out, err
	}
	if out.Missing = len(one.Assets) == 0; !out.Missing {
		out.Asset = &one.Assets[0]
		a := out.Asset
		out.Why = explain(a)
		out.Steps = stepsOf(&job.Forecast{DS: a.DS, Mean: a.Mean, Lo: a.Lo, Hi: a.Hi, Quantiles: a.Quantiles, Band: a.Band})
	}
	return out, nil
}

// formatsOf are the formats in which a result can be fetched.
func formatsOf(spec job.Spec) []string {
	if spec.Backtest() {
		return []string{"csv", "json"}
	}
	return []string{"csv", "arrow", "parquet", "json"}
}

// stepTable has a row for each step of a forecast.
type stepTable struct {
	Columns []string
	Times   []string
	values  [][]float64 // by column
	cells   [][]string  // likewise, as text
}

type stepRow struct {
	Time   string
	Values []string
}

// stepsOf is a forecast as a table, or nil without one.
func stepsOf(f *job.Forecast) *stepTable {
	if f == nil || len(f.Mean) == 0 {
		return nil
	}
	t := &stepTable{Times: timesOf(f.DS, len(f.Mean))}
	t.add("Forecast", f.Mean)
	for _, level := range slices.Backward(byNumber(f.Lo)) {
		t.add(level+" % from", f.Lo[level])
	}
	for _, level := range byNumber(f.Hi) {
		t.add(level+" % to", f.Hi[level])
	}
	if b := f.Band; b != nil {
		for _, level := range byNumber(b.Lo) {
			t.add("All steps "+level+" % from", b.Lo[level])
			t.add("All steps "+level+" % to", b.Hi[level])
		}
	}
	for _, p := range byNumber(f.Quantiles) {
		t.add("Quantile "+p, f.Quantiles[p])
	}
	return t
}

// timesOf are the times of steps, or their numbers where the answer has no times.
func timesOf(ds []string, steps int) []string {
	if len(ds) > 0 {
		return ds
	}
	times := make([]string, steps)
	for k := range times {
		times[k] = "step " + strconv.Itoa(k+1)
	}
	return times
}

// add adds a column.
func (t *stepTable) add(name string, values []float64) {
	t.Columns = append(t.Columns, name)
	t.values, t.cells = append(t.values, values), append(t.cells, aligned(values))
}

// inPercent shows shares, such as returns, in percent.
func (t *stepTable) inPercent() {
	for i, values := range t.values {
		shares := make([]float64, len(values))
		for k, v := range values {
			shares[k] = 100 * v
		}
		t.cells[i] = aligned(shares)
		for k := range t.cells[i] {
			t.cells[i][k] += " %"
		}
	}
}

// Rows are the lines of the table. A column that is too short ends early.
func (t *stepTable) Rows() []stepRow {
	rows := make([]stepRow, len(t.Times))
	for k := range rows {
		rows[k].Time = t.Times[k]
		for _, column := range t.cells {
			if k < len(column) {
				rows[k].Values = append(rows[k].Values, column[k])
			}
		}
	}
	return rows
}

// byNumber are the keys of a map, which are numbers, in their order.
func byNumber[V any](m map[string]V) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		x, _ := strconv.ParseFloat(a, 64)
		y, _ := strconv.ParseFloat(b, 64)
		if x < y {
			return -1
		}
		return 1
	})
}

func cancelJob(v *visit) error {
	id := job.ID(v.g.Param("id"))
	if _, err := v.data.CancelJob(v.context(), id); err != nil {
		return err
	}
	return v.see("/jobs/" + string(id) + "?done=cancelled")
}

func retryJob(v *visit) error {
	id := job.ID(v.g.Param("id"))
	if _, err := v.data.RetryJob(v.context(), id); err != nil {
		return err
	}
	return v.see("/jobs/" + string(id) + "?done=retried")
}

func removeJob(v *visit) error {
	if _, err := v.data.RemoveJob(v.context(), job.ID(v.g.Param("id")), false); err != nil {
		return err
	}
	return v.see("/jobs?done=removed")
}

// download sends the result of a job in a format, or a report on it. A result is the API's own answer, which may be
// large: the page hands the request on, with the header that a link cannot send.
func download(v *visit) error {
	file := v.g.Param("file")
	if file == reportFile {
		return v.report()
	}
	format, known := forecasttable.FormatOf(file)
	if !known || file != "result."+string(format) || format == forecasttable.Text {
		return errNoPage
	}
	return v.handOn("/v1/jobs/"+v.g.Param("id")+"/result", "Accept", format.MediaType())
}

// handOn answers with what the API says at a path.
func (v *visit) handOn(path, header, value string) error {
	token, err := v.c.sessions.token(v.context(), v.secret, auth.Frontend)
	if err != nil {
		return err
	}
	inner := v.g.Request.Clone(v.context())
	inner.URL.Path, inner.URL.RawPath = path, ""
	inner.Header.Set("Authorization", "Bearer "+token)
	inner.Header.Set(problem.RequestIDHeader, problem.RequestID(v.context()))
	inner.Header.Set(header, value)
	v.c.door.Router.ServeHTTP(v.g.Writer, inner)
	return nil
}
