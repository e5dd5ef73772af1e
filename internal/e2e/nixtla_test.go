package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// flatAnswer is what the public clients of Nixtla's API read of an answer.
type flatAnswer struct {
	Mean          []float64            `json:"mean"`
	Intervals     map[string][]float64 `json:"intervals"`
	Sizes         []int                `json:"sizes"`
	Idxs          []int                `json:"idxs"`
	Weights       []float64            `json:"weights_x"`
	Contributions [][]float64          `json:"feature_contributions"`
	Anomaly       []bool               `json:"anomaly"`
	Score         []float64            `json:"anomaly_score"`
}

// flat sends a request in the flat form, as the client does, and reads the answer.
func (c *cluster) flat(t *testing.T, operation, body string) (a flatAnswer) {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + c.token}, "Content-Type": {"application/json"}, "Nixtla-Client-Version": {"0.8.0"}}
	var text strings.Builder
	call := problem.Call{Method: "POST", URL: c.run.url("frontend") + "/nixtla/v2/" + operation, Header: header, Body: strings.NewReader(body), Into: &text}
	if _, err := call.Do(t.Context(), c.http); err != nil {
		t.Fatalf("%s: %v", operation, err)
	}
	if err := json.Unmarshal([]byte(text.String()), &a); err != nil {
		t.Fatalf("%s: %v in %s", operation, err, text.String())
	}
	return a
}

// flatCase is one series with the calendar of a frequency.
type flatCase struct {
	freq string
	days []time.Time
	y    []float64
}

// flatCases are series of days, business days and ends of months.
func flatCases() []flatCase {
	cases := []flatCase{{freq: "D"}, {freq: "B"}, {freq: "ME"}}
	for i := range cases {
		f := &cases[i]
		for day := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC); len(f.days) < 90; day = day.AddDate(0, 0, 1) {
			weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
			if f.freq == "B" && weekend || f.freq == "ME" && day.AddDate(0, 0, 1).Day() != 1 {
				continue
			}
			k := len(f.days)
			f.days, f.y = append(f.days, day), append(f.y, float64(100+k+10*(k%7)+k*k%13))
		}
	}
	return cases
}

// series is the series of a request.
func (f flatCase) series() string {
	y, _ := json.Marshal(f.y)
	return fmt.Sprintf(`"series":{"y":%s,"sizes":[%d],"X":null,"X_future":null,"start_datetime":["%s"]},"freq":"%s","model":"timegpt-2.1","clean_ex_first":true`,
		y, len(f.y), f.days[0].Format(time.DateOnly), f.freq)
}

// own is the answer of the house itself, by a dataset and a job.
func (c *cluster) own(t *testing.T, dataset string, spec job.Spec) job.Asset {
	t.Helper()
	var j job.Job
	spec.Dataset, spec.Assets = dataset, []string{"*"}
	if err := c.call(t.Context(), "POST", "/v1/jobs", spec, &j); err != nil {
		t.Fatal(err)
	}
	if got := c.waitJob(t, j.ID, time.Minute); got.State != job.Done {
		t.Fatalf("ended as %s: %v", got.State, got.Error)
	}
	return c.answer(t, j.ID).Assets[0]
}

// flatForm compares the flat form with the house's own: the same series have the same numbers.
func (c *cluster) flatForm(t *testing.T) {
	for _, f := range flatCases() {
		t.Run(f.freq, func(t *testing.T) { c.flatNumbers(t, f) })
	}
	t.Run("columns", c.flatColumns)
	t.Run("anomalies", c.flatAnomalies)
	t.Run("submitted", c.flatSubmitted)
	t.Run("the page", c.flatPage)
}

// flatPage runs what docs/nixtla.md types in a shell.
func (c *cluster) flatPage(t *testing.T) {
	dir := t.TempDir()
	here := strings.NewReplacer("http://127.0.0.1:8080", c.run.url("frontend"))
	shellPage(t, "nixtla", dir, here, "FOLIOCAST_TOKEN="+c.personalToken(t, "page nixtla", "jobs:write", "jobs:read"))
	read := func(name string) (a flatAnswer) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = json.Unmarshal(text, &a)
		}
		if err != nil {
			t.Fatalf("%s: %v: %s", name, err, text)
		}
		return a
	}
	forecast := read("forecast.json")
	if len(forecast.Mean) != 6 || len(forecast.Intervals["lo-80"]) != 6 || len(forecast.Intervals["hi-80"]) != 6 {
		t.Fatalf("two series of three steps: got %+v", forecast)
	}
	for i, mean := range forecast.Mean {
		if forecast.Intervals["lo-80"][i] > mean || forecast.Intervals["hi-80"][i] < mean {
			t.Errorf("step %d: %v is not within its interval", i, mean)
		}
	}
	if anomalies := read("anomalies.json").Anomaly; len(anomalies) < 3 || !anomalies[len(anomalies)-3] || anomalies[len(anomalies)-1] {
		t.Errorf("the third value from the end is an anomaly, and the last one is not: got %v", anomalies)
	}
}

func (c *cluster) flatNumbers(t *testing.T, f flatCase) {
	dataset := "flat-" + strings.ToLower(f.freq)
	var csv strings.Builder
	csv.WriteString("unique_id,ds,y\n")
	for k, day := range f.days {
		fmt.Fprintf(&csv, "A,%s,%v\n", day.Format(time.DateOnly), f.y[k])
	}
	if err := c.upload(t.Context(), dataset, csv.String()); err != nil {
		t.Fatal(err)
	}
	want := c.own(t, dataset, job.Spec{Horizon: 7, Freq: f.freq, Levels: []float64{80, 95}})
	got := c.flat(t, "forecast", `{`+f.series()+`,"h":7,"level":[80,95]}`)
	if d := cmp.Diff(want.Mean, got.Mean) + cmp.Diff(map[string][]float64{"lo-80": want.Lo["80"], "hi-80": want.Hi["80"], "lo-95": want.Lo["95"], "hi-95": want.Hi["95"]}, got.Intervals); d != "" {
		t.Errorf("a forecast (-house +flat): %s", d)
	}
	got = c.flat(t, "cross_validation", `{`+f.series()+`,"h":3,"n_windows":2,"step_size":5,"level":[90]}`)
	if d := cmp.Diff([]int{82, 83, 84, 87, 88, 89}, got.Idxs) + cmp.Diff([]int{6}, got.Sizes); d != "" {
		t.Fatal(d)
	}
	for w, last := range []int{81, 86} {
		want := c.own(t, dataset, job.Spec{Horizon: 3, Freq: f.freq, Levels: []float64{90}, AsOf: f.days[last].Format(time.DateOnly)})
		if d := cmp.Diff(want.Mean, got.Mean[3*w:3*w+3]) + cmp.Diff(want.Lo["90"], got.Intervals["lo-90"][3*w:3*w+3]); d != "" {
			t.Errorf("window %d (-house +flat): %s", w+1, d)
		}
	}
}

// flatColumns forecasts a series that a promotion doubles.
func (c *cluster) flatColumns(t *testing.T) {
	var y, x []int
	for k := range 60 {
		promo := k * k % 11 / 6
		x, y = append(x, promo), append(y, 100+k%5+10*promo)
	}
	body, err := json.Marshal(map[string]any{"series": map[string]any{"y": y, "sizes": []int{60}, "X": [][]int{x}, "X_future": [][]int{{0, 1, 0, 1}}},
		"h": 4, "freq": "MS", "model": "ar", "feature_contributions": true, "level": []int{80}})
	if err != nil {
		t.Fatal(err)
	}
	a := c.flat(t, "forecast", string(body))
	if len(a.Weights) != 1 || a.Weights[0] < 9 || a.Weights[0] > 11 || len(a.Contributions) != 2 {
		t.Fatalf("the weights are %v, and the contributions %v", a.Weights, a.Contributions)
	}
	for k, v := range a.Mean {
		if sum := a.Contributions[0][k] + a.Contributions[1][k]; sum < v-1e-9 || sum > v+1e-9 {
			t.Errorf("step %d is %v, and its contributions add up to %v", k+1, v, sum)
		}
	}
	if rise := a.Contributions[0][1] - a.Contributions[0][0]; rise < 9 || rise > 11 {
		t.Errorf("a promotion adds %v, want about 10", rise)
	}
}

// flatAnomalies finds the one value that is far from the others.
func (c *cluster) flatAnomalies(t *testing.T) {
	f := flatCases()[0]
	f.y[70] += 500
	a := c.flat(t, "anomaly_detection", `{`+f.series()+`,"level":99}`)
	if len(a.Sizes) != 1 || a.Sizes[0] != 76 || len(a.Mean) != 76 || len(a.Intervals["lo-99"]) != 76 || !a.Anomaly[70-14] {
		t.Errorf("%v values were looked at, of %d means, and the anomaly is %v", a.Sizes, len(a.Mean), a.Anomaly)
	}
	a = c.flat(t, "online_anomaly_detection", `{`+f.series()+`,"level":99,"h":1,"detection_size":25,"threshold_method":"univariate","refit":false}`)
	if len(a.Idxs) != 25 || a.Idxs[0] != 65 || !a.Anomaly[5] || a.Score[5] < 5 || a.Anomaly[4] {
		t.Errorf("%v have the scores %v", a.Idxs, a.Score)
	}
}

// flatSubmitted submits a request as a job.
func (c *cluster) flatSubmitted(t *testing.T) {
	f := flatCases()[1]
	var submitted struct {
		ID     job.ID      `json:"job_id"`
		Status string      `json:"status"`
		Result *flatAnswer `json:"result"`
	}
	if err := c.call(t.Context(), "POST", "/nixtla/v2/forecast/async", json.RawMessage(`{`+f.series()+`,"h":5}`), &submitted); err != nil {
		t.Fatal(err)
	}
	await(t, time.Minute, "the job", func() (bool, string) {
		err := c.call(t.Context(), "GET", "/nixtla/v2/forecast/jobs/"+string(submitted.ID), nil, &submitted)
		return err == nil && submitted.Status == "succeeded", fmt.Sprint(submitted.Status, err)
	})
	if submitted.Result == nil || len(submitted.Result.Mean) != 5 || submitted.Result.Intervals != nil {
		t.Errorf("the result is %+v", submitted.Result)
	}
	var left struct{ Items []struct{ Name string } }
	if err := c.call(t.Context(), "GET", "/v1/datasets?after=nixtl&limit=500", nil, &left); err != nil {
		t.Fatal(err)
	}
	for _, d := range left.Items {
		if strings.HasPrefix(d.Name, "nixtla-") {
			t.Errorf("the dataset %s is left", d.Name)
		}
	}
}
