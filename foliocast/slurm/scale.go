package slurm

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Scale says how many pilots a queue's depth asks for.
type Scale struct {
	Min, Max  int           // pilots
	MaxCores  int           // of all pilots together; 0 for no limit
	PerPilot  int           // messages that ask for one pilot
	Cores     int           // of one pilot
	Idle      time.Duration // the least that a healthy pilot lives: it waits this long for a message
	Patience  time.Duration // for how long there are too many pilots before some that wait are cancelled
	MaxSubmit int           // pilots in one round
}

// Bounds on a Scale.
const (
	MostPilots   = 1000
	MostPerPilot = 1_000_000
)

// Validate returns all faults, joined, in the words of the command line.
func (s Scale) Validate() error {
	var faults []error
	unless := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	unless(s.Max >= 1 && s.Max <= MostPilots, "--max must be 1 to %d, is %d", MostPilots, s.Max)
	unless(s.Min >= 0 && s.Min <= s.Max, "--min must be 0 to --max, which is %d, is %d", s.Max, s.Min)
	unless(s.PerPilot >= 1 && s.PerPilot <= MostPerPilot, "--per-pilot must be 1 to %d, is %d", MostPerPilot, s.PerPilot)
	unless(s.MaxCores >= 0, "--max-cores must not be negative, is %d", s.MaxCores)
	unless(s.MaxCores == 0 || s.MaxCores >= max(s.Min, 1)*s.Cores, "--max-cores %d is too few for %d pilots of %d cores", s.MaxCores, max(s.Min, 1), s.Cores)
	unless(s.Patience >= 0, "--cancel-after must not be negative, is %s", s.Patience)
	return errors.Join(faults...)
}

// Load is what a queue asks for.
type Load struct {
	Waiting int `json:"waiting"`
	Leased  int `json:"leased"`
}

// Decision is what to do now.
type Decision struct {
	Want    int     // pilots
	Running int     // that live and have nodes
	Pending int     // that wait for nodes
	Submit  int     // pilots to submit
	Cancel  []JobID // of those that wait
	Note    string  // why less is done than the depth asks for; may be empty
}

// Want is how many pilots a load asks for.
func (s Scale) Want(l Load) int {
	asked := l.Waiting + l.Leased
	want := asked / s.PerPilot
	if asked%s.PerPilot > 0 {
		want++
	}
	want = min(max(want, s.Min), s.Max)
	if s.MaxCores > 0 {
		want = min(want, s.MaxCores/s.Cores)
	}
	return want
}

// Decide says what to do about a load and the pilots that there are. It changes what it remembers, which Memory.Look has brought
// up to date.
func (s Scale) Decide(now time.Time, l Load, pilots []Pilot, m *Memory) Decision {
	d := Decision{Want: s.Want(l)}
	cores := 0
	var waiting []Pilot
	for _, p := range pilots {
		switch {
		case !p.Live():
			continue
		case p.Waits():
			d.Pending++
			waiting = append(waiting, p)
		default:
			d.Running++
		}
		cores += p.Cores
	}
	more := d.Want - d.Running - d.Pending
	if more >= 0 {
		m.SurplusSince = time.Time{}
	}
	switch {
	case more > 0:
		d.Submit, d.Note = s.submit(now, more, cores, pilots, m)
	case more < 0 && len(waiting) > 0:
		d.Cancel, d.Note = s.cancel(now, -more, waiting, m)
	}
	return d
}

// submit is how many of the pilots that are wanted are submitted now.
func (s Scale) submit(now time.Time, more, cores int, pilots []Pilot, m *Memory) (int, string) {
	if until := m.holdsUntil(); now.Before(until) {
		return 0, fmt.Sprintf("nothing is submitted for %s: %s", until.Sub(now).Round(time.Second), m.Fault)
	}
	if m.Failures > 0 {
		if slices.ContainsFunc(pilots, func(p Pilot) bool { return p.Live() && !s.proven(p) }) {
			return 0, "one pilot is tried at a time: " + m.Fault
		}
		more = 1
	}
	var notes []string
	if s.MaxCores > 0 {
		if room := max(s.MaxCores-cores, 0) / s.Cores; room < more {
			more = room
			notes = append(notes, fmt.Sprintf("--max-cores %d", s.MaxCores))
		}
	}
	if s.MaxSubmit > 0 && s.MaxSubmit < more {
		more = s.MaxSubmit
		notes = append(notes, fmt.Sprintf("%d at a time", s.MaxSubmit))
	}
	return more, strings.Join(notes, ", ")
}

// cancel picks the youngest of the pilots that wait, once there have been too many pilots for a while. A pilot that runs ends by
// itself when no message is left.
func (s Scale) cancel(now time.Time, surplus int, waiting []Pilot, m *Memory) ([]JobID, string) {
	if m.SurplusSince.IsZero() {
		m.SurplusSince = now
	}
	if left := s.Patience - now.Sub(m.SurplusSince); left > 0 {
		return nil, fmt.Sprintf("what waits in vain is cancelled in %s", left.Round(time.Second))
	}
	slices.SortStableFunc(waiting, func(a, b Pilot) int { return cmp.Compare(b.Submitted.Unix(), a.Submitted.Unix()) })
	var ids []JobID
	for _, p := range waiting[:min(surplus, len(waiting))] {
		ids = append(ids, p.ID)
	}
	return ids, ""
}

// proven reports whether a pilot has run for so long that it works.
func (s Scale) proven(p Pilot) bool { return !p.Waits() && p.Elapsed >= min(s.Idle, time.Minute) }
