package job

import (
	"fmt"
	"slices"
	"strings"

	"foliocast/internal/problem"
)

// Limits of a backtest.
const (
	maxOrigins = 1000
	// maxBacktestForecasts bounds origins × assets × models: about a quarter of an hour of one core at a millisecond a forecast.
	maxBacktestForecasts = 1_000_000
	// maxBacktestSteps bounds origins × assets × models × horizon.
	maxBacktestSteps = 20_000_000
	// maxBySeries bounds origins × models where each forecast is reported: a series crosses the queue in one piece.
	maxBySeries = 5_000
	// maxRiskRows bounds origins × horizon × (assets + 1) of a backtest with risk, whose distributions are kept to the end.
	maxRiskRows = 200_000
	// maxRiskNumbers bounds the numbers that it reports of each series, for the same reason as maxBySeries: 10 MB of text.
	maxRiskNumbers = 500_000
)

// riskNumbers is how many numbers a backtest with risk reports of each forecast of a step.
func (s Spec) riskNumbers() int { return 5 + 2*len(s.Levels) + 3*len(s.Risk) }

// MinTrain is the least number of values before the values that a backtest holds out.
const MinTrain = 2

// MaxOrigins is how many origins a series of n values has at a horizon.
func MaxOrigins(n, horizon int) int { return max(0, n-MinTrain) / horizon }

// OriginsFault says why a backtest cannot have as many origins as were asked for when the longest series has n values, or is
// empty.
func OriginsFault(n, origins, horizon int) string {
	most := MaxOrigins(n, horizon)
	switch {
	case origins <= most:
		return ""
	case most == 0:
		return fmt.Sprintf("no series is long enough: %d values are needed to hold out %d after the first %d, and the longest has %d", horizon+MinTrain, horizon, MinTrain, n)
	}
	return fmt.Sprintf("must be at most %d, is %d: the longest series has %d values, and each origin holds out %d more after the first %d", most, origins, n, horizon, MinTrain)
}

// Classes lists the names that Spec.By takes.
func Classes() []string { return []string{"frequency", "length", "demand", "season", "kind"} }

// Deciles are the quantiles that a backtest measures when it names none.
func Deciles() []float64 { return []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9} }

func (s Spec) defaultedBacktest() Spec {
	if s.Models == nil && s.Compare != nil {
		s.Models = s.Compare
	} else if s.Models == nil {
		s.Models = []string{s.Model}
	}
	if s.Quantiles == nil && len(s.Risk) == 0 {
		s.Quantiles = Deciles()
	}
	return s
}

// validateKind checks the kind of the job, and that it has no field of the other kind.
func (s Spec) validateKind(f *faults) {
	if s.Backtest() {
		s.validateBacktest(f)
		return
	}
	if s.Kind != "" && s.Kind != KindForecast {
		f.add("/kind", "must be forecast or backtest, is %q", s.Kind)
	}
	f.refuse("belongs to the kind backtest, and the job is of the kind forecast", field{"origins", s.Origins != 0}, field{"models", s.Models != nil},
		field{"compare", s.Compare != nil}, field{"by", s.By != nil}, field{"by_series", s.BySeries})
}

func (s Spec) validateBacktest(f *faults) {
	if len(s.Risk) > 0 {
		s.validateBacktestRisk(f)
	} else {
		f.refuse("does not belong to a backtest without risk, which measures each asset by itself", field{"weights", s.Weights != nil},
			field{"combine", s.Combine != Mean}, field{"holdings", s.Holdings != nil}, field{"bands", s.Bands != nil}, field{"bands_over", s.BandsOver != ""})
	}
	f.refuse("does not belong to a backtest", field{"currency", s.Currency != nil}, field{"base", s.Base != ""}, field{"rates", s.Rates != ""},
		field{"stale", s.Stale != ""}, field{"adjusted", s.Adjusted != nil}, field{"covariance", s.Covariance != ""})
	if s.Explain {
		f.add("/explain", "does not belong to a backtest, which shows errors and no forecasts")
	}
	if s.Origins < 1 || s.Origins > maxOrigins {
		f.add("/origins", "must be 1 to %d, is %d", maxOrigins, s.Origins)
	}
	s.validateModels(f)
	if len(s.By) > len(Classes()) {
		f.add("/by", "must name at most %d classes, names %d", len(Classes()), len(s.By))
	}
	for i, name := range s.By[:min(len(s.By), len(Classes()))] {
		if !slices.Contains(Classes(), name) {
			f.add(fmt.Sprintf("/by/%d", i), "must be one of %s, is %q", strings.Join(Classes(), ", "), name)
		}
	}
	if s.BySeries && s.Origins*len(s.Models) > maxBySeries {
		f.add("/by_series", "must be false, or the origins or models fewer: %d origins × %d models make %d forecasts of each series to report, more than the limit of %d",
			s.Origins, len(s.Models), s.Origins*len(s.Models), maxBySeries)
	}
	if !s.All() {
		f.addAll(s.BacktestFaults(len(s.Assets)))
	}
}

// field is a field of the job by its name, and whether the job has it.
type field struct {
	name string
	has  bool
}

// refuse adds a fault for each field that the job has.
func (f *faults) refuse(reason string, fields ...field) {
	for _, field := range fields {
		if field.has {
			f.add("/"+field.name, "%s", reason)
		}
	}
}

// validateBacktestRisk checks what a backtest with risk cannot have: it measures one model, and distributions and not their points.
func (s Spec) validateBacktestRisk(f *faults) {
	f.refuse("does not belong to a backtest with risk, which measures distributions and not points", field{"compare", s.Compare != nil}, field{"by", s.By != nil},
		field{"by_series", s.BySeries}, field{"quantiles", s.Quantiles != nil}, field{"integers", s.Integers})
	f.refuse("does not belong to a backtest with risk: a job of a past date would have needed values of the columns that the dataset need not have", field{"x", s.X != nil})
	if s.BandsOver == BandsOverAssets {
		f.add("/bands_over", "must be horizon in a backtest, which measures the bands of each asset by itself")
	}
	if len(s.Models) > 1 {
		f.add("/models", "must name one model where risk is measured, names %d", len(s.Models))
	}
}

// validateModels checks the models of a backtest.
func (s Spec) validateModels(f *faults) {
	if len(s.Models) == 0 {
		f.add("/models", "must name at least one model: leave it out for that of the field model")
	}
	for i, name := range s.Models {
		switch {
		case !slices.Contains(Models(), name):
			f.add(fmt.Sprintf("/models/%d", i), "must be one of %s, is %q", strings.Join(Models(), ", "), name)
		case slices.Contains(s.Models[:i], name):
			f.add(fmt.Sprintf("/models/%d", i), "names %s twice", name)
		}
	}
	if s.Model != "auto" && len(s.Models) > 0 && !slices.Contains(s.Models, s.Model) {
		f.add("/model", "must be one of models, or absent, is %q", s.Model)
	}
	if s.Compare == nil {
		return
	}
	if len(s.Compare) != 2 || s.Compare[0] == s.Compare[1] {
		f.add("/compare", "must name two models, names %q", s.Compare)
		return
	}
	for i, name := range s.Compare {
		if !slices.Contains(s.Models, name) {
			f.add(fmt.Sprintf("/compare/%d", i), "must be one of models, is %q", name)
		}
	}
}

// BacktestFaults returns the fault of a backtest of so many assets that would take too long, or nil. Validate calls it when the
// job names its assets.
func (s Spec) BacktestFaults(assets int) []problem.Fault {
	if !s.Backtest() || s.Origins < 1 || s.Origins > maxOrigins || len(s.Models) > len(Models()) || s.Horizon < 1 || s.Horizon > maxHorizon {
		return nil // a fault of its own
	}
	forecasts := s.Origins * assets * len(s.Models)
	switch {
	case forecasts > maxBacktestForecasts:
		return []problem.Fault{{Pointer: "/origins", Detail: fmt.Sprintf("must be fewer, or the assets or models: %d origins × %d assets × %d models make %d forecasts, more than the limit of %d",
			s.Origins, assets, len(s.Models), forecasts, maxBacktestForecasts)}}
	case len(s.Risk) > 0 && s.Origins*(assets+1)*s.Horizon > maxRiskRows:
		return []problem.Fault{{Pointer: "/origins", Detail: fmt.Sprintf("must be fewer, or the assets or horizon: %d origins × %d steps of %d assets and their portfolio make %d forecasts to keep for the risk, more than the limit of %d",
			s.Origins, s.Horizon, assets, s.Origins*(assets+1)*s.Horizon, maxRiskRows)}}
	case len(s.Risk) > 0 && s.Origins*s.Horizon*s.riskNumbers() > maxRiskNumbers:
		return []problem.Fault{{Pointer: "/origins", Detail: fmt.Sprintf("must be fewer, or the horizon or the levels: %d origins × %d steps × %d numbers make %d of each series to report, more than the limit of %d",
			s.Origins, s.Horizon, s.riskNumbers(), s.Origins*s.Horizon*s.riskNumbers(), maxRiskNumbers)}}
	case forecasts*s.Horizon > maxBacktestSteps:
		return []problem.Fault{{Pointer: "/origins", Detail: fmt.Sprintf("must be fewer, or the assets, models or horizon: %d origins × %d assets × %d models × %d steps make %d, more than the limit of %d",
			s.Origins, assets, len(s.Models), s.Horizon, forecasts*s.Horizon, maxBacktestSteps)}}
	}
	return nil
}

// Backtest is the accuracy of models on values that were held out. A measure that is undefined is null.
type Backtest struct {
	Scores     []Score      `json:"scores" nullable:"false" doc:"One line a model, in the order of the job, and last the benchmark (Naive2); none in a backtest with risk"`
	Kinds      []KindScores `json:"kinds,omitzero" nullable:"false" doc:"The same for each kind of series, as the job's field by groups them"`
	Comparison *Comparison  `json:"comparison,omitzero" doc:"The two models of the job's field compare, over all series"`
	Omitted    int          `json:"series_omitted,omitzero" doc:"Series that are too short for a single origin"`
	Short      int          `json:"series_with_fewer_origins,omitzero" doc:"Series that are too short for all origins, and were evaluated at fewer"`
	Remarks    []string     `json:"remarks,omitzero" nullable:"false"`
	// Risk is what a backtest with risk measures instead.
	Risk *BacktestRisk `json:"risk,omitzero" doc:"For a job with risk: how intervals, values at risk and expected shortfalls held"`
}

// Score is the accuracy of one model on a set of series.
type Score struct {
	Model     string              `json:"model"`
	Series    int                 `json:"series" doc:"Series with a forecast"`
	Forecasts int                 `json:"forecasts" doc:"Forecasts of these series, one for each origin"`
	SMAPE     *float64            `json:"smape" doc:"Symmetric mean absolute percentage error, 0 to 200, the mean over the forecasts"`
	MASE      *float64            `json:"mase" doc:"Mean absolute scaled error, the mean over the forecasts"`
	OWA       *float64            `json:"owa" doc:"Mean of sMAPE and MASE, each relative to Naive2; below 1 beats it"`
	WQL       *float64            `json:"wql" doc:"Weighted quantile loss: twice the quantile loss, its mean over the quantiles, divided by the sum of the absolute values"`
	Coverage  map[string]*float64 `json:"coverage,omitzero" doc:"Share of the values inside the interval of each level"`
	MSIS      map[string]*float64 `json:"msis,omitzero" doc:"Mean scaled interval score of each level"`
	Millis    *float64            `json:"ms_per_series,omitzero" doc:"Milliseconds of one core for each forecast; absent when several models shared the ranks"`
	Failed    int                 `json:"failed,omitzero" doc:"Forecasts that the model could not make"`
}

// KindScores is the accuracy on the series of one kind.
type KindScores struct {
	Kind       string      `json:"kind" example:"ME, smooth demand, strong season"`
	Scores     []Score     `json:"scores" nullable:"false"`
	Comparison *Comparison `json:"comparison,omitzero"`
}

// Comparison compares the errors of model A with those of model B, series by series: d is the MASE of A minus that of B, a mean
// over the origins of the series.
type Comparison struct {
	A           string   `json:"a"`
	B           string   `json:"b"`
	Series      int      `json:"series" doc:"Series that both could forecast and whose MASE is defined"`
	Difference  *float64 `json:"mean_difference" doc:"Mean over the series of the MASE of a minus that of b; below 0, a is better"`
	Lo          *float64 `json:"lo-95" doc:"Lower end of its 95 % confidence interval by Student's t"`
	Hi          *float64 `json:"hi-95" doc:"Upper end"`
	P           *float64 `json:"p_t" doc:"Two-sided p-value of the paired t test"`
	PSignedRank *float64 `json:"p_signed_rank" doc:"Two-sided p-value of Wilcoxon's signed-rank test"`
	MedianRatio *float64 `json:"median_ratio" doc:"Median over the series of the MASE of a divided by that of b"`
	Better      int      `json:"better" doc:"Series on which a has the smaller error"`
	Worse       int      `json:"worse" doc:"Series on which b has"`
	DM          *DM      `json:"diebold_mariano,omitzero" doc:"The Diebold-Mariano test within each series of several origins"`
}

// DM sums up the Diebold-Mariano tests of the series, with the correction of Harvey, Leybourne and Newbold.
type DM struct {
	Series int      `json:"series" doc:"Series that were tested"`
	Better int      `json:"better" doc:"Those on which a is better at the 5 % level"`
	Worse  int      `json:"worse" doc:"Those on which b is"`
	P      *float64 `json:"p,omitzero" doc:"The p-value, where one series was tested"`
}

// Evaluation is the accuracy of one model from one origin of a series.
type Evaluation struct {
	Origin   string              `json:"origin" doc:"Time of the last value that the model was given"`
	Model    string              `json:"model" doc:"As in the job"`
	Used     string              `json:"used,omitzero" doc:"The model that made the forecast"`
	Members  []Member            `json:"members,omitzero" doc:"What auto combined"`
	Values   int                 `json:"values" doc:"Values that were compared with the forecast"`
	SMAPE    *float64            `json:"smape"`
	MASE     *float64            `json:"mase"`
	WQL      *float64            `json:"wql"`
	Coverage map[string]*float64 `json:"coverage,omitzero"`
	MSIS     map[string]*float64 `json:"msis,omitzero"`
	Error    string              `json:"error,omitzero" doc:"Why the model has no forecast"`
}
