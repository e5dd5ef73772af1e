// Package job defines a forecast job for every part of Foliocast: what a client
// asks for, the states that the job passes through, and its answer. It validates
// them and does nothing else: it has no network, no storage and no mathematics.
package job

import "time"

// ID is a job's identifier, a UUID of version 7 in its text form.
type ID string

// Spec is what a client asks for. The tags state the bounds that Validate checks,
// for the HTTP API and its OpenAPI description; a test holds both to the same.
type Spec struct {
	Dataset  string             `json:"dataset" pattern:"^[a-z0-9][a-z0-9._-]{0,63}(@[1-9][0-9]{0,8})?$" patternDescription:"name or name@version" doc:"Dataset name, its newest version; or name@version" example:"eustockmarkets"`
	Assets   []string           `json:"assets" minItems:"1" maxItems:"100000" nullable:"false" doc:"Asset names, or one star for all of them" example:"[\"DAX\",\"FTSE\"]"`
	Weights  map[string]float64 `json:"weights,omitzero" doc:"Weight of each asset in the overall forecast, at least 0 and not all 0; normalised to sum 1; equal when absent"`
	Model    string             `json:"model,omitzero" default:"auto" enum:"naive,seasonal-naive,drift,mean,trend,trend-season,ar,ar-season,ar-diff,harmonic,theta,theta-dynamic,damped,holt-winters,auto" doc:"Forecasting model"`
	Horizon  int                `json:"horizon" minimum:"1" maximum:"1000" doc:"Steps to forecast"`
	Freq     string             `json:"freq,omitzero" enum:"H,D,B,W,M,Q,Y" doc:"Hourly, daily, business-daily, weekly, monthly, quarterly or yearly; inferred from the dates when absent"`
	Season   []int              `json:"season,omitzero" maxItems:"4" nullable:"false" doc:"Seasonal periods in steps, each 2..10000; from freq and the data when absent"`
	Levels   []float64          `json:"levels,omitzero" maxItems:"10" nullable:"false" doc:"Prediction interval levels in percent, each above 1 and below 100; 80 and 95 when absent; empty for point forecasts only"`
	From     string             `json:"from,omitzero" maxLength:"40" doc:"First time to use, inclusive: date, RFC 3339 time or integer step"`
	To       string             `json:"to,omitzero" maxLength:"40" doc:"Last time to use, inclusive"`
	OnError  OnError            `json:"on_error,omitzero" default:"skip" enum:"skip,fail" doc:"What one bad asset does to the job"`
	Priority int                `json:"priority,omitzero" minimum:"-100" maximum:"100" doc:"Higher is sooner"`
}

// OnError says what happens to a job when one of its assets cannot be forecast.
type OnError string

// A job skips the asset and ends as partial, or it fails.
const (
	Skip OnError = "skip"
	Fail OnError = "fail"
)

// Defaulted returns the spec with its defaults in place of absent fields. Empty,
// non-nil Levels stay empty.
func (s Spec) Defaulted() Spec {
	if s.Model == "" {
		s.Model = "auto"
	}
	if s.OnError == "" {
		s.OnError = Skip
	}
	if s.Levels == nil {
		s.Levels = []float64{80, 95}
	}
	return s
}

// All reports whether the job asks for every asset of its dataset.
func (s Spec) All() bool { return len(s.Assets) == 1 && s.Assets[0] == "*" }

// Job is one job as the data service shows it.
type Job struct {
	ID         ID         `json:"id"`
	State      State      `json:"state"`
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at,omitzero"`
	EndedAt    *time.Time `json:"ended_at,omitzero"`
	Owner      string     `json:"owner"`
	Spec       Spec       `json:"spec"`
	Dataset    Dataset    `json:"dataset" doc:"The dataset version that the job was checked against"`
	Progress   float64    `json:"progress" minimum:"0" maximum:"1" doc:"Share of the assets that have been forecast"`
	Attempts   int        `json:"attempts"`
	Cancelling bool       `json:"cancelling,omitzero" doc:"Cancellation was requested and the job has not ended yet"`
	Error      *Error     `json:"error,omitzero" doc:"Why the job failed or died"`
}

// Dataset names one immutable version of a dataset by its content.
type Dataset struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	SHA256  string `json:"sha256" doc:"Of the stored Arrow file, lower-case hexadecimal"`
	Bytes   int64  `json:"bytes"`
}

// Task is what the queue carries to the calculation: a valid job and the dataset
// version that it was checked against.
type Task struct {
	Job     ID      `json:"job"`
	Spec    Spec    `json:"spec"`
	Dataset Dataset `json:"dataset"`
}
