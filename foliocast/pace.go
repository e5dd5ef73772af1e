package foliocast

import (
	"time"

	"foliocast/internal/job"
)

// pace estimates when a job will have ended, from the events of its progress.
type pace struct {
	at    time.Time // of the last one; zero while the job is not running
	share float64   // that was done then
	rate  float64   // share a second; 0 while it is unknown
}

// newest is how much the last stretch of a job counts against those before it: later parts of a
// job may be slower, and one report may come late.
const newest = 0.3

// note takes an event of the job.
func (p *pace) note(e job.LogEvent) {
	switch state := e.Type.State(); {
	case state == job.Running:
		*p = pace{at: e.At, share: e.Progress}
	case state != "":
		*p = pace{}
	case e.Type == job.EventProgress && !p.at.IsZero() && e.At.After(p.at) && e.Progress > p.share:
		rate := (e.Progress - p.share) / e.At.Sub(p.at).Seconds()
		if p.rate > 0 {
			rate = newest*rate + (1-newest)*p.rate
		}
		*p = pace{at: e.At, share: e.Progress, rate: rate}
	}
}

// left is how long the job may still take after the last event, or false when that is unknown.
func (p *pace) left() (time.Duration, bool) {
	const most = 1e6 // seconds: what is further away is no estimate
	if p.rate <= 0 || p.share >= 1 || (1-p.share)/p.rate > most {
		return 0, false
	}
	left := time.Duration((1 - p.share) / p.rate * float64(time.Second))
	if left > 10*time.Minute {
		return left.Round(time.Minute), true
	}
	return left.Round(time.Second), true
}
