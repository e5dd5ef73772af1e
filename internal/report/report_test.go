package report_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"foliocast/internal/browsertest"
	"foliocast/internal/chart"
	"foliocast/internal/job"
	"foliocast/internal/report"
)

// hostile is a name that a user may choose.
const hostile = `</script><script>document.title = "taken"</script><img src=x onerror="alert(1)"> 'ö' & "`

// days are dates from the first of March 2024 on.
func days(from, n int) (all []string) {
	for i := range n {
		all = append(all, time.Date(2024, 3, 1+from+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	return all
}

// wave is values that rise and fall, as bounds at a distance.
func wave(n int, base, distance float64) (all []float64) {
	for i := range n {
		all = append(all, base*(1+0.02*math.Sin(float64(i)/3))+distance*math.Sqrt(float64(i+1)))
	}
	return all
}

// forecast is a report on three assets, of which one has no forecast.
func forecast() report.Report {
	const h = 10
	bounds := func(base float64, sign float64) map[string][]float64 {
		return map[string][]float64{"80": wave(h, base, sign*20), "95": wave(h, base, sign*31)}
	}
	skill := 0.98
	asset := func(name string, base float64) job.Asset {
		return job.Asset{Asset: name, Model: "naive", DS: days(60, h), Mean: wave(h, base, 0), Lo: bounds(base, -1), Hi: bounds(base, 1), Skill: &skill}
	}
	levels := func(a, b float64) map[string][]float64 {
		return map[string][]float64{"95": wave(h, 0, a), "99": wave(h, 0, b)}
	}
	part := func(v float64) job.Component {
		return job.Component{VaR: map[string]float64{"95": v, "99": 1.5 * v}, ES: map[string]float64{"95": 1.2 * v, "99": 1.8 * v}}
	}
	diversification := 1.21
	ended := time.Date(2024, 5, 1, 12, 0, 3, 0, time.UTC)
	return report.Report{
		Job: job.Job{ID: "0190a", State: job.Partial, Owner: "ann", CreatedAt: ended.Add(-3 * time.Second), EndedAt: &ended, Dataset: job.Dataset{Name: "prices", Version: 3},
			Spec: job.Spec{Dataset: "prices", Assets: []string{"DAX", hostile, "lost"}, Horizon: h, Model: "auto", Risk: []float64{95, 99}}.Defaulted()},
		Command: "foliocast job submit --file - <<'END'\n{\"assets\": [\"" + hostile + "\"]}\nEND",
		Answer: job.Answer{State: job.Partial, Time: job.TimeDate,
			Overall: &job.Forecast{Point: job.PointMedian, DS: days(60, h), Mean: wave(h, 5000, 0), Lo: bounds(5000, -1), Hi: bounds(5000, 1),
				Risk: &job.Risk{Base: 5000, Origins: 321, Volatility: wave(h, 0, 16), LossProbability: wave(h, 0.5, 0), VaR: levels(26, 40), ES: levels(33, 46),
					Drawdown: map[string]float64{"95": 210, "99": 300}, Components: map[string]job.Component{"DAX": part(50), hostile: part(-8)}, Diversification: &diversification}},
			Assets:     []job.Asset{asset("DAX", 5400), asset(hostile, 4600), {Asset: "lost", Error: &job.Error{Code: "stale", Detail: "it ends early"}}},
			Provenance: job.Provenance{DatasetSHA256: strings.Repeat("0a", 32), Program: "mpicalc 1", Ranks: 4, Hosts: []string{"node1"}}},
		Past: func(asset string) (chart.Series, string, error) {
			base := map[string]float64{"": 5000, "DAX": 5400, hostile: 4600}[asset]
			return chart.Series{Times: chart.ParseTimes(days(0, 60)), Values: wave(60, base, 0)}, "", nil
		},
	}
}

// backtest is a report on two models.
func backtest() report.Report {
	v := func(x float64) *float64 { return &x }
	score := func(model string, x float64) job.Score {
		return job.Score{Model: model, Series: 4, Forecasts: 48, SMAPE: v(x), MASE: v(x / 2), OWA: v(x / 3), WQL: v(x / 100), Coverage: map[string]*float64{"80": v(0.81), "95": v(0.93)}}
	}
	return report.Report{
		Job: job.Job{ID: "0190b", State: job.Done, Dataset: job.Dataset{Name: "prices", Version: 3},
			Spec: job.Spec{Dataset: "prices", Assets: []string{"*"}, Horizon: 5, Kind: job.KindBacktest, Origins: 12, Models: []string{"auto", "naive"}}.Defaulted()},
		Answer: job.Answer{State: job.Done, Backtest: &job.Backtest{Scores: []job.Score{score("auto", 2), score("naive", 3)}, Omitted: 1}},
	}
}

// written writes a report into a file.
func written(t *testing.T, r report.Report) (path, text string) {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, b.String()
}

// In a browser, a report asks for nothing but itself, reports no error, has no barriers in either colour scheme and at either width, and
// does not scroll sideways.
func TestReportInABrowser(t *testing.T) {
	t.Parallel()
	browser := browsertest.Start(t)
	for name, r := range map[string]report.Report{"forecast": forecast(), "backtest": backtest(), "banded": banded(), "joint": joint(), "calibrated": calibrated()} {
		t.Run(name, func(t *testing.T) {
			path, _ := written(t, r)
			p := browser.Page(t)
			for scheme, width := range map[string]int{"light": 320, "dark": 1280} {
				p.Scheme(scheme)
				p.Resize(width, 900)
				p.OpenFile(path)
				for _, barrier := range p.Barriers() {
					t.Errorf("%s, %d wide: %s", scheme, width, barrier)
				}
				seen := browsertest.Eval[struct {
					Title              string
					Overflow, Pictures int
				}](p, `({Title: document.title, Overflow: document.documentElement.scrollWidth - innerWidth,
					Pictures: [...document.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().width > 0).length})`)
				if seen.Overflow > 0 || seen.Pictures == 0 || !strings.Contains(seen.Title, "prices@3") {
					t.Errorf("%s, %d wide: %+v", scheme, width, seen)
				}
			}
			if faults := p.Faults(); faults != nil {
				t.Errorf("the page reports %q", faults)
			}
			for _, asked := range p.Requests() {
				if asked != "file://"+path {
					t.Errorf("the page asks for %s", asked)
				}
			}
		})
	}
}

func TestNamesAreText(t *testing.T) {
	t.Parallel()
	_, text := written(t, forecast())
	if strings.Contains(text, "<script") || strings.Contains(text, "<img") {
		t.Error("a name is markup")
	}
	if n := strings.Count(text, "onerror=&#34;alert"); n < 5 {
		t.Errorf("the name stands only %d times in the page", n)
	}
}

// Every number of the answer that the page shows is in it, rounded.
func TestReportHasTheNumbers(t *testing.T) {
	t.Parallel()
	_, text := written(t, forecast())
	for _, want := range []string{"prices@3", "4 ranks", "it ends early", "321 origins", "Value at risk 99 %", "30 Apr 2024", "Drawdown 95 %", "210", "1.21"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	_, text = written(t, backtest())
	for _, want := range []string{"Backtest of prices@3", "93.0 %", "auto", "12 origins of 5 steps"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	r := forecast()
	r.Answer.Overall.Risk, r.Job.Spec.Risk = nil, nil
	if _, text = written(t, r); !strings.Contains(text, "has no measures of risk") {
		t.Error("a page without risk does not say how to get it")
	}
}

func TestPastThatCannotBeFound(t *testing.T) {
	t.Parallel()
	r := forecast()
	broken := errors.New("the service is gone")
	r.Past = func(string) (chart.Series, string, error) { return chart.Series{}, "", broken }
	if err := r.Write(new(strings.Builder)); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	r.Past = func(string) (chart.Series, string, error) { return chart.Series{}, "it has several currencies", nil }
	if _, text := written(t, r); !strings.Contains(text, "Its past is not shown: it has several currencies.") {
		t.Error("the page does not say why the past is missing")
	}
}

func TestFan(t *testing.T) {
	t.Parallel()
	for asset, want := range map[string]string{"": "", "DAX": "", "lost": "it ends early", "CAC": `no asset "CAC"; it has DAX, `} {
		if _, err := forecast().Fan(asset); err == nil && want != "" || err != nil && (want == "" || !strings.Contains(err.Error(), want)) {
			t.Errorf("asset %q: %v, want %q", asset, err, want)
		}
	}
	if _, err := backtest().Fan(""); err == nil || !strings.Contains(err.Error(), "a backtest has no forecast") {
		t.Errorf("of a backtest: %v", err)
	}
}
