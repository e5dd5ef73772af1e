package job

import (
	"encoding/json"
	"strconv"
)

// Answer is the result of one job. A large one crosses the queue in parts: each
// is a JSON array of assets, in the job's order over all parts, and the answer
// itself then has none.
type Answer struct {
	Job        ID         `json:"job" doc:"Empty when no service was asked"`
	State      State      `json:"state"`
	Overall    *Forecast  `json:"overall" doc:"The weighted average of the assets; null when no asset could be forecast"`
	Assets     []Asset    `json:"assets,omitzero" nullable:"false"`
	Error      *Error     `json:"error,omitzero" doc:"Why the job failed, or why a partial one has no overall forecast"`
	Provenance Provenance `json:"provenance"`
}

// Forecast is a path of predictions with its intervals. Every slice has one
// value for each step of the horizon.
type Forecast struct {
	Mean []float64            `json:"mean"`
	Lo   map[string][]float64 `json:"lo,omitzero" doc:"Lower bounds by level in percent"`
	Hi   map[string][]float64 `json:"hi,omitzero" doc:"Upper bounds by level in percent"`
}

// Asset is the forecast of one asset, or the reason why there is none.
type Asset struct {
	Asset    string               `json:"asset"`
	Model    string               `json:"model,omitzero" doc:"The model that was really used"`
	Fallback string               `json:"fallback,omitzero" doc:"Why it is not the model that was asked for"`
	Seasons  []int                `json:"seasons,omitzero" doc:"Seasonal periods used, in steps"`
	Members  []Member             `json:"members,omitzero" doc:"What auto combined"`
	Filled   int                  `json:"filled,omitzero" doc:"Missing values inside the series that carry the last value forward"`
	Mean     []float64            `json:"mean,omitzero"`
	Lo       map[string][]float64 `json:"lo,omitzero"`
	Hi       map[string][]float64 `json:"hi,omitzero"`
	Skill    *float64             `json:"skill" doc:"Rolling-origin error divided by the naive forecast's; below 1 beats it; null when not measured"`
	Error    *Error               `json:"error"`
}

// Member is one model inside a combination.
type Member struct {
	Name   string   `json:"name"`
	Weight float64  `json:"weight"`
	Skill  *float64 `json:"skill,omitzero"`
}

// Error is why an asset or a job has no forecast.
type Error struct {
	Code   string `json:"code" example:"stale"`
	Detail string `json:"detail" doc:"One sentence"`
}

// Provenance says what made an answer, and from what.
type Provenance struct {
	DatasetSHA256 string   `json:"dataset_sha256"`
	Program       string   `json:"program"`
	Ranks         int      `json:"ranks"`
	Hosts         []string `json:"hosts"`
	Seconds       Seconds  `json:"seconds"`
}

// Seconds is wall time by phase. Fit is that of the rank that fitted longest,
// without reading and moving data.
type Seconds struct {
	Load    float64 `json:"load"`
	Scatter float64 `json:"scatter"`
	Fit     float64 `json:"fit"`
	Gather  float64 `json:"gather"`
}

// ParseAnswer reads an answer that came over the wire and checks the little
// that every reader relies on.
func ParseAnswer(b []byte) (Answer, error) {
	var a Answer
	if err := json.Unmarshal(b, &a); err != nil {
		return Answer{}, err
	}
	if !a.State.Final() {
		return Answer{}, &json.UnsupportedValueError{Str: "state " + strconv.Quote(string(a.State))}
	}
	return a, nil
}
