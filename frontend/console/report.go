package console

import (
	"bytes"
	"net/http"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/report"
)

// reportFile is the name of a report, beside the results of a job.
const reportFile = "report.html"

// reportAssets is how many assets of a result a report has at most: of paths, each asset may have millions of numbers.
const (
	reportAssets          = 200
	reportAssetsWithPaths = 12
)

// report sends what the job has found as one page with pictures, to keep and to send on.
func (v *visit) report() error {
	j, err := v.data.Job(v.context(), job.ID(v.g.Param("id")))
	if err != nil {
		return err
	}
	limit := reportAssets
	if j.Spec.Paths > 0 {
		limit = reportAssetsWithPaths
	}
	page, err := v.data.AnswerPage(v.context(), j.ID, client.AnswerQuery{Limit: limit})
	if err != nil {
		return err
	}
	past := report.PastFrom(func(asset string) ([]string, []float64, string, error) {
		h, err := v.data.History(v.context(), j.ID, asset, report.PastSteps(j.Spec.Horizon))
		return h.DS, h.Y, h.Note, err
	})
	var b bytes.Buffer
	if err := (report.Report{Job: j.Job, Answer: page.Answer, Past: past, More: page.Next != ""}).Write(&b); err != nil {
		return err
	}
	v.g.Header("Content-Disposition", "attachment; filename=foliocast-"+short(j.ID)+".html")
	v.g.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
	return nil
}
