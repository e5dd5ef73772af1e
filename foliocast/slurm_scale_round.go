package foliocast

import (
	"fmt"
	"strings"
	"time"

	"foliocast/foliocast/slurm"
)

// scaleRound is one round of slurm scale, as its line says it.
type scaleRound struct {
	At time.Time `json:"at"`
	slurm.Load
	Want      int           `json:"want"`
	Running   int           `json:"running"`
	Pending   int           `json:"pending"`
	Oldest    float64       `json:"oldest_pending_seconds,omitzero"`
	Reason    string        `json:"pending_reason,omitzero"` // of the oldest
	Submit    int           `json:"submit"`
	Submitted []slurm.JobID `json:"submitted,omitzero"`
	Cancelled []slurm.JobID `json:"cancelled,omitzero"`
	Note      string        `json:"note,omitzero"`
	DryRun    bool          `json:"dry_run,omitzero"`
	Error     string        `json:"error,omitzero"`

	decision slurm.Decision
	decided  bool
	passing  bool // the fault may pass by itself
}

// decide decides, and takes over what the line says of it.
func (r *scaleRound) decide(s slurm.Scale, pilots []slurm.Pilot, m *slurm.Memory) {
	d := s.Decide(r.At, r.Load, pilots, m)
	r.decision, r.decided = d, true
	r.Want, r.Running, r.Pending, r.Submit, r.Note = d.Want, d.Running, d.Pending, d.Submit, d.Note
	for _, p := range pilots {
		if age := r.At.Sub(p.Submitted).Seconds(); p.Waits() && age >= r.Oldest {
			r.Oldest, r.Reason = age, p.Reason
		}
	}
}

func (r scaleRound) failed(err error, passing bool) scaleRound {
	r.Error, r.passing = err.Error(), passing
	return r
}

// String is the line: what there is, what is wanted, and what was done.
func (r scaleRound) String() string {
	var b strings.Builder
	b.WriteString(r.At.Format(time.RFC3339))
	if !r.decided {
		return b.String() + " no decision: " + r.Error
	}
	fmt.Fprintf(&b, " %d waiting, %d leased: want %s; %d running, %d pending", r.Waiting, r.Leased, counted(int64(r.Want), "pilot", "pilots"), r.Running, r.Pending)
	if r.Pending > 0 {
		fmt.Fprintf(&b, ", the oldest for %s", time.Duration(r.Oldest*float64(time.Second)).Round(time.Second))
		if r.Reason != "" {
			b.WriteString(" (" + r.Reason + ")")
		}
	}
	b.WriteString(": " + r.did())
	if r.Note != "" {
		b.WriteString(" (" + r.Note + ")")
	}
	if r.Error != "" {
		b.WriteString("; failed: " + r.Error)
	}
	return b.String()
}

func (r scaleRound) did() string {
	switch {
	case r.DryRun && r.Submit > 0:
		return "would submit " + counted(int64(r.Submit), "pilot", "pilots")
	case r.DryRun && len(r.decision.Cancel) > 0:
		return "would cancel " + ids(r.decision.Cancel)
	case len(r.Submitted) > 0:
		return "submitted " + ids(r.Submitted)
	case len(r.Cancelled) > 0:
		return "cancelled " + ids(r.Cancelled)
	}
	return "nothing to do"
}

func ids(all []slurm.JobID) string {
	var b strings.Builder
	for i, id := range all {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(id))
	}
	return b.String()
}

// sayRound prints a round on standard output.
func (a *app) sayRound(r scaleRound) {
	if a.json {
		jsonLine(a.out, r)
		return
	}
	line(a.out, "%s", r)
}
