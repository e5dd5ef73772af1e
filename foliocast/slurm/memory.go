package slurm

import (
	"fmt"
	"slices"
	"time"
)

// Memory is what scaling remembers from round to round, also of a program that runs once and ends. The pilots themselves are not in
// it: Slurm knows them.
type Memory struct {
	// Failures counts the failures in a row: of sbatch, and rounds in which pilots were found to have failed.
	Failures     int       `json:"failures"`
	FailedAt     time.Time `json:"failed_at,omitzero"`
	Fault        string    `json:"fault,omitzero"`         // the last failure, in a sentence
	SurplusSince time.Time `json:"surplus_since,omitzero"` // since when there are too many pilots
	Known        []Known   `json:"known,omitzero"`         // pilots that were in the last list
}

// Known is a pilot that was in the last list.
type Known struct {
	ID        JobID     `json:"id"`
	Submitted time.Time `json:"submitted"`
	Ended     bool      `json:"ended,omitzero"`
	Cancelled bool      `json:"cancelled,omitzero"` // by us
}

const (
	firstHold = time.Minute
	longHold  = time.Hour
)

// Fail remembers a failure.
func (m *Memory) Fail(now time.Time, fault string) {
	m.Failures, m.FailedAt, m.Fault = m.Failures+1, now, fault
}

// holdsUntil is when the next pilot may be submitted: after a minute, and after twice as long with each failure in a row.
func (m *Memory) holdsUntil() time.Time {
	if m.Failures == 0 {
		return time.Time{}
	}
	hold := longHold
	if doublings := m.Failures - 1; doublings < 6 {
		hold = min(firstHold<<doublings, longHold)
	}
	return m.FailedAt.Add(hold)
}

// Cancelling remembers that we cancel pilots.
func (m *Memory) Cancelling(ids []JobID) {
	for i, k := range m.Known {
		if slices.Contains(ids, k.ID) {
			m.Known[i].Cancelled = true
		}
	}
}

// Look compares a list of pilots with the one before, and finds out which have failed since. Pilots that fail count as one failure
// for each round. Failures are forgotten when a pilot that began after the last of them has proven itself.
func (m *Memory) Look(now time.Time, pilots []Pilot, s Scale) {
	before := map[JobID]Known{}
	for _, k := range m.Known {
		before[k.ID] = k
	}
	m.Known = nil
	fault, well := "", false
	for _, p := range pilots {
		k, known := before[p.ID]
		delete(before, p.ID)
		if p.Final() && !(known && k.Ended) {
			if f := s.failed(p, k.Cancelled); f != "" {
				fault = f
			} else if p.State == "COMPLETED" || p.State == "TIMEOUT" {
				well = true
			}
		}
		well = well || p.Live() && s.proven(p) && now.Add(-p.Elapsed).After(m.FailedAt)
		m.Known = append(m.Known, Known{ID: p.ID, Submitted: p.Submitted, Ended: p.Final(), Cancelled: k.Cancelled})
	}
	for id, k := range before { // Slurm has forgotten them
		if !k.Ended && !k.Cancelled && now.Sub(k.Submitted) < s.Idle {
			fault = fmt.Sprintf("pilot %s has ended %s after it was submitted", id, now.Sub(k.Submitted).Round(time.Second))
		}
	}
	switch {
	case fault != "":
		m.Fail(now, fault)
	case well:
		m.Failures, m.FailedAt, m.Fault = 0, time.Time{}, ""
	}
}

// failed says how a pilot that has ended has failed; "" if it has not.
func (s Scale) failed(p Pilot, ours bool) string {
	switch {
	case p.State == "PREEMPTED" || p.State == "CANCELLED" && ours:
		return ""
	case p.State != "COMPLETED" && p.State != "TIMEOUT", p.Elapsed < s.Idle-2*time.Second:
		reason := ""
		if p.Reason != "" {
			reason = " (" + p.Reason + ")"
		}
		return fmt.Sprintf("pilot %s ended as %s%s after %s", p.ID, p.State, reason, p.Elapsed)
	}
	return ""
}
