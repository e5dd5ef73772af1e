package job

import (
	"time"
	"unicode/utf8"
)

// Brief is what a list of jobs says of a specification, whose lists of assets may be
// long.
type Brief struct {
	Dataset    string   `json:"dataset" doc:"As the job names it"`
	AssetCount int      `json:"asset_count" doc:"How many assets the job names; 0 for all of the dataset"`
	Assets     []string `json:"assets,omitzero" doc:"Their names, if they are few and short"`
	Kind       Kind     `json:"kind,omitzero"`
	Model      string   `json:"model"`
	Models     []string `json:"models,omitzero" doc:"Of a backtest"`
	Origins    int      `json:"origins,omitzero" doc:"Of a backtest"`
	Horizon    int      `json:"horizon"`
	Priority   int      `json:"priority,omitzero"`
}

// A Brief has up to briefAssets names of assets, of briefName characters each.
const (
	briefAssets = 6
	briefName   = 64
)

// Brief is the specification in brief.
func (s Spec) Brief() Brief {
	b := Brief{Dataset: s.Dataset, AssetCount: len(s.Assets), Kind: s.Kind, Model: s.Model, Models: s.Models, Origins: s.Origins,
		Horizon: s.Horizon, Priority: s.Priority}
	if s.All() {
		b.AssetCount = 0
		return b
	}
	if len(s.Assets) > briefAssets {
		return b
	}
	for _, a := range s.Assets {
		if utf8.RuneCountInString(a) > briefName {
			return b
		}
	}
	b.Assets = s.Assets
	return b
}

// Summary is a job in a list: a [Job] without all that grows with its assets.
type Summary struct {
	ID         ID         `json:"id"`
	State      State      `json:"state"`
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at,omitzero"`
	EndedAt    *time.Time `json:"ended_at,omitzero"`
	Owner      string     `json:"owner"`
	Batch      BatchID    `json:"batch,omitzero" doc:"The batch that it was submitted with"`
	Spec       Brief      `json:"spec" doc:"The specification in brief; GET /v1/jobs/{id} has all of it"`
	Dataset    Dataset    `json:"dataset" doc:"The dataset version that the job was checked against"`
	Progress   float64    `json:"progress" minimum:"0" maximum:"1" doc:"Share of the work that is done"`
	Attempts   int        `json:"attempts"`
	Cancelling bool       `json:"cancelling,omitzero" doc:"Cancellation was requested and the job has not ended yet"`
	WaitingFor WaitingFor `json:"waiting_for,omitzero" enum:"time,jobs" doc:"What holds a queued job back; absent once it is on its way to a worker"`
	Error      *Error     `json:"error,omitzero" doc:"Why the job failed or died, or why it has no overall forecast"`
}

// Summary is the job as a list shows it.
func (j Job) Summary() Summary {
	return Summary{ID: j.ID, State: j.State, CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, EndedAt: j.EndedAt, Owner: j.Owner, Batch: j.Batch, Spec: j.Spec.Brief(),
		Dataset: j.Dataset, Progress: j.Progress, Attempts: j.Attempts, Cancelling: j.Cancelling, WaitingFor: j.WaitingFor, Error: j.Error}
}
