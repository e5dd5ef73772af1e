package nixtla

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// Operation is what a request asks for.
type Operation string

// The operations, by the last part of their paths.
const (
	Forecast        Operation = "forecast"
	CrossValidation Operation = "cross_validation"
	Historic        Operation = "historic_forecast"
	Anomalies       Operation = "anomaly_detection"
	OnlineAnomalies Operation = "online_anomaly_detection"
)

// request is the body of a request. Fields that it does not have are taken and mean nothing here.
type request struct {
	Series struct {
		Y           numbers  `json:"y"`
		Sizes       []int    `json:"sizes"`
		X           []column `json:"X"`
		XFuture     []column `json:"X_future"`
		Starts      []string `json:"start_datetime"`
		Categorical []int    `json:"categorical_exog"`
	} `json:"series"`
	Model           string         `json:"model"`
	Freq            string         `json:"freq"`
	H               int            `json:"h"`
	Windows         int            `json:"n_windows"`
	Step            *int           `json:"step_size"`
	HistExog        []int          `json:"hist_exog"`
	Level           levels         `json:"level"`
	FullHistory     bool           `json:"full_history"`
	DetectionSize   int            `json:"detection_size"`
	Threshold       string         `json:"threshold_method"`
	CleanExFirst    *bool          `json:"clean_ex_first"`
	FinetuneSteps   int            `json:"finetune_steps"`
	FinetuneLoss    string         `json:"finetune_loss"`
	FinetunedModel  string         `json:"finetuned_model_id"`
	Contributions   bool           `json:"feature_contributions"`
	Contribution    string         `json:"feature_contributions_type"`
	Multivariate    bool           `json:"multivariate"`
	ModelParameters map[string]any `json:"model_parameters"`

	forecasts bool // the operation is a forecast of what is to come
}

// levels are one level, or a list of them.
type levels []float64

// UnmarshalJSON reads a number, a list of numbers, or null.
func (l *levels) UnmarshalJSON(text []byte) error {
	if _, list := listed(text); list || string(text) == "null" {
		return (*numbers)(l).UnmarshalJSON(text)
	}
	v, err := number(text)
	*l = levels{v}
	return err
}

// usualLevel is the level of an interval outside of which a value is an anomaly, in percent.
const usualLevel = 99

// multivariateThreshold compares all series together with one threshold.
const multivariateThreshold = "multivariate"

// read reads the body of an operation.
func read(op Operation, body []byte) (*request, error) {
	r := &request{}
	if err := json.Unmarshal(body, r); err != nil {
		return nil, problem.New(problem.Malformed, "the body is not what this operation takes", problem.Fault{Detail: err.Error()})
	}
	r.forecasts = op == Forecast
	r.FullHistory = r.FullHistory || op == Historic
	if len(r.Level) == 0 && (op == Anomalies || op == OnlineAnomalies) {
		r.Level = levels{usualLevel}
	}
	if r.FinetunedModel != "" {
		return nil, problem.Newf(problem.NotFound, "there is no fine-tuned model %.100q: every model here is fitted to the series that it forecasts", r.FinetunedModel)
	}
	f := faults{}
	r.checkSeries(&f)
	if f.all == nil {
		r.checkColumns(op, &f)
		r.checkAsked(op, &f)
		r.checkUnsupported(&f)
	}
	if f.all != nil {
		return nil, problem.New(problem.Invalid, "the request has faults", f.all...)
	}
	return r, nil
}

// faults are those of one request.
type faults struct{ all []problem.Fault }

func (f *faults) add(pointer, format string, args ...any) {
	f.all = problem.Addf(f.all, pointer, format, args...)
}

// checkSeries checks that the values and their sizes agree.
func (r *request) checkSeries(f *faults) {
	s := &r.Series
	sum := 0
	for i, n := range s.Sizes {
		if n < 1 || n > len(s.Y) {
			f.add(fmt.Sprintf("/series/sizes/%d", i), "must be 1 to %d, the number of values, is %d", len(s.Y), n)
			return
		}
		sum += n
	}
	switch {
	case len(s.Y) == 0:
		f.add("/series/y", "must have at least one value")
	case len(s.Sizes) == 0:
		f.add("/series/sizes", "must say how many values each series has")
	case sum != len(s.Y):
		f.add("/series/sizes", "must add up to the number of values, %d, and is %d", len(s.Y), sum)
	case s.Starts != nil && len(s.Starts) != len(s.Sizes):
		f.add("/series/start_datetime", "must have one time for each of %d series, has %d", len(s.Sizes), len(s.Starts))
	}
	from := 0
	for i, n := range s.Sizes {
		if f.all == nil && !slices.ContainsFunc(s.Y[from:from+n], func(v float64) bool { return !math.IsNaN(v) }) {
			f.add(fmt.Sprintf("/series/sizes/%d", i), "is that of a series without any value")
			return
		}
		from += n
	}
}

// checkColumns checks the exogenous columns.
func (r *request) checkColumns(op Operation, f *faults) {
	s := &r.Series
	future := r.H * len(s.Sizes)
	if op != Forecast {
		s.XFuture = nil
	}
	if len(s.XFuture) > len(s.X) {
		f.add("/series/X_future", "has %d columns, and X only %d: the columns that are known in advance are the first of X", len(s.XFuture), len(s.X))
		return
	}
	for i := range s.X {
		whole := slices.Contains(s.Categorical, i)
		checkColumn(f, fmt.Sprintf("/series/X/%d", i), &s.X[i], len(s.Y), whole)
		if i < len(s.XFuture) {
			checkColumn(f, fmt.Sprintf("/series/X_future/%d", i), &s.XFuture[i], future, whole)
		}
	}
	for k, i := range slices.Concat(r.HistExog, s.Categorical) {
		pointer := fmt.Sprintf("/hist_exog/%d", k)
		if k >= len(r.HistExog) {
			pointer = fmt.Sprintf("/series/categorical_exog/%d", k-len(r.HistExog))
		}
		if i < 0 || i >= len(s.X) {
			f.add(pointer, "must be the number of one of %d columns, from 0, is %d", len(s.X), i)
		}
	}
}

func checkColumn(f *faults, pointer string, c *column, want int, categorical bool) {
	if c.len() != want {
		f.add(pointer, "must have %d values, has %d", want, c.len())
		return
	}
	if categorical {
		return
	}
	if c.words != nil {
		f.add(pointer, "must be numbers, unless categorical_exog names it")
		return
	}
	if k := slices.IndexFunc(c.numbers, math.IsNaN); k >= 0 {
		f.add(pointer, "must have a value at each time, and has none at place %d", k)
	}
}

// checkAsked checks horizon, windows and levels.
func (r *request) checkAsked(op Operation, f *faults) {
	positive := func(field string, n int) {
		if n < 1 {
			f.add("/"+field, "must be at least 1, is %d", n)
		}
	}
	windows := op == CrossValidation && !r.FullHistory
	if (op == Forecast || windows || op == OnlineAnomalies) && (r.H < 1 || r.H > maxHorizon) {
		f.add("/h", "must be 1 to %d, is %d", maxHorizon, r.H)
	}
	if windows {
		positive("n_windows", r.Windows)
	}
	if r.Step != nil && (windows || op == OnlineAnomalies) {
		positive("step_size", *r.Step)
	}
	if op == OnlineAnomalies {
		positive("detection_size", r.DetectionSize)
		if r.Threshold != "" && r.Threshold != "univariate" && r.Threshold != multivariateThreshold {
			f.add("/threshold_method", "must be univariate or multivariate, is %.40q", r.Threshold)
		}
	}
	if r.Freq == "" {
		f.add("/freq", "is required: the frequency as pandas writes it")
	}
	for i, l := range r.Level {
		if !(l >= 0 && l < 100) {
			f.add(fmt.Sprintf("/level/%d", i), "must be a percentage from 0 to below 100, is %v", l)
		}
	}
}

// checkUnsupported refuses what would change the numbers and is not supported.
func (r *request) checkUnsupported(f *faults) {
	if r.Multivariate {
		f.add("/multivariate", "must be false: each series is forecast by itself here")
	}
	if len(r.ModelParameters) > 0 {
		f.add("/model_parameters", "must be absent: the models here have no such parameters")
	}
	if len(r.Series.X) > 0 && r.CleanExFirst != nil && !*r.CleanExFirst {
		f.add("/clean_ex_first", "must be true: what the columns explain is always taken out before a model sees the values")
	}
	if r.Contributions && r.Contribution != "" && r.Contribution != "shapley" {
		f.add("/feature_contributions_type", "must be shapley, is %.40q", r.Contribution)
	}
	if r.FinetuneSteps > 0 && !slices.Contains([]string{"", "default", "mae", "mse", "rmse"}, r.FinetuneLoss) {
		f.add("/finetune_loss", "must be default, mae, mse or rmse, is %.40q", r.FinetuneLoss)
	}
}

// model is the model of this house that a name stands for. All names of other models stand for auto.
func (r *request) model() string {
	if slices.Contains(job.Models(), r.Model) {
		return r.Model
	}
	return "auto"
}

// point is what the loss of a fine-tuning asks the point forecast to be: the median has the least absolute error, the mean the
// least squared one.
func (r *request) point() job.Point {
	switch {
	case r.FinetuneSteps == 0:
		return ""
	case r.FinetuneLoss == "mae":
		return job.PointMedian
	case r.FinetuneLoss == "mse" || r.FinetuneLoss == "rmse":
		return job.PointMean
	}
	return ""
}
