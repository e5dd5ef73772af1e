package job

import "time"

// CatchUp is what becomes of firings that were missed while nothing could fire.
type CatchUp string

// Missed firings are skipped, or the last or all of them are made up for.
const (
	CatchUpSkip CatchUp = "skip"
	CatchUpLast CatchUp = "last"
	CatchUpAll  CatchUp = "all"
)

// Plan is when a schedule fires, and what it submits then.
type Plan struct {
	Cron    string    `json:"cron,omitzero" maxLength:"200" doc:"When to fire, as cron writes it: minute, hour, day of the month, month, day of the week, and before them perhaps a second; or @hourly, @daily, @weekly, @monthly or @yearly" example:"0 18 * * MON-FRI"`
	At      time.Time `json:"at,omitzero" doc:"The one time to fire, instead of cron"`
	Zone    string    `json:"zone,omitzero" maxLength:"64" default:"UTC" doc:"Zone of the times in cron, as in Europe/Berlin" example:"Europe/Berlin"`
	CatchUp CatchUp   `json:"catch_up,omitzero" default:"last" enum:"skip,last,all" doc:"What to do about firings that are more than a minute late: skip them, make up for the last one, or for all, at most the last 100"`
	Paused  bool      `json:"paused,omitzero" doc:"Whether it does not fire; what it misses meanwhile is not made up for"`
	Job     Spec      `json:"job" doc:"What to submit, on the newest version of its dataset unless it names one; without not_before, after and after_any"`
}

// Defaulted returns the plan with its defaults in place of absent fields.
func (p Plan) Defaulted() Plan {
	if p.Zone == "" {
		p.Zone = "UTC"
	}
	if p.CatchUp == "" {
		p.CatchUp = CatchUpLast
	}
	p.At, p.Job = p.At.UTC(), p.Job.Defaulted()
	return p
}

// Schedule submits jobs at the times of its plan.
type Schedule struct {
	Name string `json:"name"`
	Plan
	Owner        string         `json:"owner" doc:"Who created or last changed it: it submits jobs as this user, while the user may"`
	CreatedAt    time.Time      `json:"created_at"`
	NextAt       *time.Time     `json:"next_at,omitzero" doc:"When it fires next; absent while it is paused, and when it never will"`
	PausedReason string         `json:"paused_reason,omitzero" doc:"Why it was paused, when nobody asked for that"`
	LastAt       *time.Time     `json:"last_at,omitzero" doc:"The time for which it fired last"`
	LastJob      ID             `json:"last_job,omitzero" doc:"The job of the last firing that had one"`
	LastError    *ScheduleError `json:"last_error,omitzero" doc:"The last firing that had no job, or that was skipped"`
	Fired        int            `json:"fired" doc:"How many jobs it has submitted"`
}

// ScheduleError is why a firing had no job.
type ScheduleError struct {
	Error
	At time.Time `json:"at" doc:"The time that it was to fire for"`
}
