package console

import (
	"net/http"
	"strings"
	"testing"

	"foliocast/internal/auth"
	"foliocast/internal/job"
)

func answered() job.Answer {
	skill := 0.8
	return job.Answer{State: job.Partial, Time: job.TimeDate,
		Overall: &job.Forecast{DS: []string{"2024-01-04", "2024-01-05"}, Mean: []float64{9.5, 1234.56789}, Lo: map[string][]float64{"80": {9, 1000}, "95": {8, 900}},
			Hi: map[string][]float64{"80": {10, 1400}, "95": {11, 1500}}, Notes: []string{"a note on it"},
			Risk: &job.Risk{Base: 9.5, Origins: 12, Volatility: []float64{1, 2}, LossProbability: []float64{0.25, 0.5}, VaR: map[string][]float64{"95": {1.5, 2.5}},
				ES: map[string][]float64{"95": {2.25, 3.5}}, Drawdown: map[string]float64{"95": 3}, Components: map[string]job.Component{"DAX": {VaR: map[string]float64{"95": 1}, ES: map[string]float64{"95": 2}}}}},
		Assets: []job.Asset{{Asset: "DAX", Model: "theta", DS: []string{"2024-01-04", "2024-01-05"}, Mean: []float64{12.5, 13}, Skill: &skill,
			Members: []job.Member{{Name: "naive", Weight: 0, Dropped: "others are better"}, {Name: "theta", Weight: 0.7, Skill: &skill}, {Name: "ar", Weight: 0.3}},
			Parts:   map[string][]float64{"level": {12, 12}, "trend": {0.5, 1}}, X: map[string]job.Effect{"promo": {Value: 2.5, StdErr: &skill}}},
			{Asset: "FTSE", Error: &job.Error{Code: "stale", Detail: "it ends long before the others"}}},
		Provenance: job.Provenance{Program: "mpicalc test", Ranks: 2, Hosts: []string{"node1"}}}
}

func TestAJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	id := w.submit(spec("DAX", "FTSE"))
	b := w.as(auth.Manager)
	path := "/jobs/" + string(id)
	b.want(b.get(path), http.StatusOK, "queued", "DAX, FTSE", ">Cancel</button>", "foliocast job submit --wait --file -", "curl --fail-with-body")
	w.finish(id, answered())
	page := b.want(b.get(path), http.StatusOK, "partial", "1,234.57", "9.50", "95 % from", "a note on it", "theta", "it ends long before the others", "VaR 95 %", "25 %", "Components of the value at risk", "<svg",
		"mpicalc test", "/result.parquet", `aria-label="Last value: 12; forecast: 13"`, `data-chart="`+string(id)+`"`)
	if strings.Contains(page.text, ">Retry</button>") || strings.Contains(page.text, ">Cancel</button>") {
		t.Error("the page offers what cannot be done")
	}
	b.want(b.get(path+"?asset=DAX"), http.StatusOK, `<h2 id="chart-title">DAX</h2>`, "12.5", `data-asset="DAX"`, "What auto combined",
		`<th scope="row">theta</th><td class="number">70 %</td><td class="number">0.800</td>`, "others are better", "Parts that add up to the forecast", `<th scope="row">promo</th><td class="number">2.5</td><td class="number">0.8</td>`)
	b.want(b.get(path+"?asset=FTSE"), http.StatusOK, "it ends long before the others")
	b.want(b.get(path+"?asset=S%26P"), http.StatusOK, "has no asset called <strong>S&amp;P</strong>")
	csv := b.want(b.get(path+"/result.csv"), http.StatusOK, "unique_id,ds,model,mean", "DAX,2024-01-04,theta,12.5")
	if csv.header.Get("Content-Type") != "text/csv" || !strings.Contains(csv.header.Get("Content-Disposition"), string(id)+".csv") {
		t.Errorf("the download has the header %v", csv.header)
	}
	for _, form := range []string{"arrow", "parquet", "json"} {
		b.want(b.get(path+"/result."+form), http.StatusOK)
	}
	report := b.want(b.get(path+"/report.html"), http.StatusOK, "<title>Forecast of prices@1</title>", "theta", "Components of the value at risk")
	if !strings.HasPrefix(report.header.Get("Content-Disposition"), "attachment; ") {
		t.Errorf("the report has the header %v", report.header)
	}
	b.want(b.get(path+"/result.exe"), http.StatusNotFound)
	b.want(b.post(path+"/retry", nil), http.StatusConflict, "only a failed, dead or cancelled job can be retried")
	if got := b.want(b.post(path+"/remove", nil), http.StatusSeeOther); got.to != "/jobs?done=removed" {
		t.Errorf("it leads to %s", got.to)
	}
	b.want(b.get(path), http.StatusNotFound)
}

func TestReturnsAreInPercent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	asked := spec("DAX", "FTSE")
	asked.Combine = job.Return
	id := w.submit(asked)
	w.finish(id, job.Answer{State: job.Done, Time: job.TimeDate, Overall: &job.Forecast{DS: []string{"2024-01-04", "2024-01-05"}, Mean: []float64{-0.0125, 0.25}}})
	b := w.as(auth.Manager)
	b.want(b.get("/jobs/"+string(id)), http.StatusOK, "−1.2500 %", "25.0000 %")
}

func TestABacktest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.upload("prices", prices)
	id := w.submit(job.Spec{Dataset: "prices", Assets: []string{"*"}, Kind: job.KindBacktest, Origins: 1, Horizon: 1}.Defaulted())
	mase := 0.875
	w.finish(id, job.Answer{State: job.Done, Backtest: &job.Backtest{Scores: []job.Score{{Model: "theta", Series: 2, MASE: &mase, Coverage: map[string]*float64{"80": &mase}}}}})
	b := w.as(auth.Manager)
	page := b.want(b.get("/jobs/"+string(id)), http.StatusOK, "Accuracy of the models", "0.875", "88 %", "Coverage of the intervals of theta")
	if strings.Contains(page.text, "result.parquet") || strings.Contains(page.text, `id="assets"`) {
		t.Error("the page offers a format, or assets, that a backtest does not have")
	}
}
