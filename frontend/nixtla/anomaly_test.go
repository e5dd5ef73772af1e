package nixtla

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foliocast/internal/job"
)

func TestAnomalies(t *testing.T) {
	t.Parallel()
	p, _ := planned(t, Anomalies, `{"series":{"y":[1,2,3,1002.5,2102,null],"sizes":[6]},"freq":"MS","level":99,"model":"timegpt-1","clean_ex_first":true,"finetuned_model_id":null,"multivariate":false}`)
	r, err := Collect(Anomalies, "j", p.Spec, answered(p, p.Spec.Horizon)) // forecasts 0, 1000 and 2000 from the fourth value on
	if err != nil {
		t.Fatal(err)
	}
	p.Finish(r)
	// The quantile of the standard normal distribution at 0.995 is 2.5758 (R: qnorm).
	if d := cmp.Diff([]float64{1002.5 / 99 * 2.5758293035489, 1102. / 99 * 2.5758293035489, math.NaN()}, r.score, cmpopts.EquateApprox(1e-9, 0), cmpopts.EquateNaNs()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]bool{true, true, false}, r.anomaly) + cmp.Diff([]int{3}, r.sizes); d != "" {
		t.Error(d)
	}
	if text := string(r.AppendJSON(nil)); !strings.Contains(text, `"anomaly":[true,true,false],"anomaly_score":[`) || !strings.Contains(text, ",null]") {
		t.Error(text)
	}
}

func TestOnlineAnomalies(t *testing.T) {
	t.Parallel()
	const body = `{"series":{"y":[1,1,1,1,1,5,1,1,1,1,1,7],"sizes":[6,6]},"h":2,"detection_size":3,"step_size":1,"threshold_method":"%s","freq":"D","level":95,"refit":false,"hist_exog":null}`
	p, _ := planned(t, OnlineAnomalies, fmt.Sprintf(body, "univariate"))
	if len(p.pieces) != 6 || p.name(0) != "1.3.0.1" || p.name(5) != "2.11.0.1" {
		t.Errorf("the pieces are %d, %s to %s", len(p.pieces), p.name(0), p.name(5))
	}
	flat := func(yield func(job.Asset, error) bool) {
		for k := range p.pieces {
			if !yield(job.Asset{Asset: p.name(k), Mean: []float64{1}, Lo: map[string][]float64{"95": {-3}}, Hi: map[string][]float64{"95": {5.5}}}, nil) {
				return
			}
		}
	}
	for method, want := range map[string][]bool{"univariate": {false, false, false, false, false, true}, "multivariate": {false, false, true, false, false, true}} {
		p, _ = planned(t, OnlineAnomalies, fmt.Sprintf(body, method))
		r, err := Collect(OnlineAnomalies, "j", p.Spec, flat)
		if err != nil {
			t.Fatal(err)
		}
		p.Finish(r)
		if d := cmp.Diff(want, r.anomaly); d != "" {
			t.Errorf("%s: %s, scores %v, accumulated %v", method, d, r.score, r.accumulated)
		}
		if has := strings.Contains(string(r.AppendJSON(nil)), `"accumulated_anomaly_score":[`); has != (method == "multivariate") {
			t.Errorf("%s: accumulated scores: %v", method, has)
		}
	}
}

// R: qchisq(2*pnorm(z)-1, n).
func TestChiSquared(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ n, z, want float64 }{{1, 2.5758293, 6.634897}, {2, 2.5758293, 9.21034}, {5, 1.959964, 11.0705}, {100, 2.5758293, 135.8067}} {
		if got := chiSquared(c.n, c.z); math.Abs(got-c.want) > 0.01*c.want {
			t.Errorf("%v degrees of freedom at %v: got %v, want %v", c.n, c.z, got, c.want)
		}
	}
}
