// Package schedule says at which instants a schedule fires. It has no clock and no storage.
package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the zones' rules, for machines that have none

	"github.com/netresearch/go-cron"

	"foliocast/internal/job"
)

const (
	// OnTime is how late a firing may be that does not count as missed.
	OnTime = time.Minute
	// MaxMissed is how many missed firings are made up for.
	MaxMissed = 100
)

// Rule is when a schedule fires.
type Rule struct {
	at     time.Time     // once, unless it is zero
	cron   cron.Schedule // in UTC, or in zone when it is hourly
	zone   *time.Location
	hourly bool // it names no hour
}

// Once fires at an instant.
func Once(at time.Time) Rule { return Rule{at: at.UTC()} }

// Parse reads a cron expression with five fields, or six with seconds, or a descriptor such as @daily, whose
// times are those of a zone.
//
// When clocks change, an expression that names hours fires once for each local time: at
// the first of two, and for one that does not exist, as much later as the clocks
// jump. One whose field of hours begins with a star goes on in real time. That is the rule
// of Vixie's cron. The parser's own rule differs from it, so that it parses and counts in UTC here.
func Parse(expression string, zone *time.Location) (Rule, error) {
	fields := strings.Fields(expression)
	switch {
	case len(fields) == 0:
		return Rule{}, errors.New("must not be empty")
	case strings.Contains(fields[0], "="):
		return Rule{}, errors.New("must not name a zone: the field zone does")
	case strings.HasPrefix(fields[0], "@every"):
		return Rule{}, errors.New("must not be @every: name the times, as in */15 * * * *")
	}
	parser, err := cron.TryNewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	if err != nil {
		return Rule{}, err
	}
	parsed, err := parser.Parse(expression)
	if err != nil {
		return Rule{}, fmt.Errorf("is not a cron expression: %w", err)
	}
	hourly := expression == "@hourly"
	if len(fields) >= 5 {
		hourly = strings.HasPrefix(fields[len(fields)-4], "*")
	}
	return Rule{cron: parsed, zone: zone, hourly: hourly}, nil
}

// Of is the rule of a plan.
func Of(p job.Plan) (Rule, error) {
	if !p.At.IsZero() {
		return Once(p.At), nil
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return Rule{}, err
	}
	return Parse(p.Cron, zone)
}

// lookBack is longer than any change of clocks.
const lookBack = 25 * time.Hour

// Next is the first firing after an instant, or the zero time.
func (r Rule) Next(after time.Time) time.Time {
	if r.cron == nil {
		if r.at.After(after) {
			return r.at
		}
		return time.Time{}
	}
	if r.hourly {
		return utc(r.cron.Next(after.In(r.zone)))
	}
	for wall := r.cron.Next(wallOf(after.In(r.zone)).Add(-3 * time.Hour)); !wall.IsZero(); wall = r.cron.Next(wall) {
		if at := r.instant(wall); at.After(after) {
			return at
		}
	}
	return time.Time{}
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// wallOf is what clocks show at t, as if it were UTC.
func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// instant is when clocks first show a time. One that they never show counts from the offset
// before they jump over it.
func (r Rule) instant(wall time.Time) time.Time {
	_, before := wall.Add(-lookBack).In(r.zone).Zone()
	first := wall.Add(-time.Duration(before) * time.Second)
	if wallOf(first.In(r.zone)).Equal(wall) {
		return first
	}
	later := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, r.zone)
	if wallOf(later).Equal(wall) {
		return later.UTC()
	}
	return first
}

// Due lists the firings from next on that are to be made up for or made at an instant, in
// order, and the first one that is skipped, or the zero time.
func (r Rule) Due(next, now time.Time, c job.CatchUp) (due []time.Time, skipped time.Time) {
	onTime := now.Add(-OnTime)
	if next.Before(onTime) {
		most := map[job.CatchUp]int{job.CatchUpLast: 1, job.CatchUpAll: MaxMissed}[c]
		if due = r.latest(next, onTime, most); len(due) == 0 || due[0].After(next) {
			skipped = next
		}
		next = onTime
	}
	for t := r.Next(next.Add(-1)); !t.IsZero() && !t.After(now); t = r.Next(t) {
		due = append(due, t)
	}
	return due, skipped
}

// latest lists the last most firings from an instant to before another. It looks at the last minute
// first, and then twice as far back each time, however many there are in all.
func (r Rule) latest(from, to time.Time, most int) []time.Time {
	for back := time.Minute; most > 0; back *= 2 {
		begin := to.Add(-back)
		if begin.Before(from) {
			begin = from
		}
		var found []time.Time
		for t := r.Next(begin.Add(-1)); !t.IsZero() && t.Before(to); t = r.Next(t) {
			found = append(found, t)
		}
		if len(found) >= most || begin.Equal(from) {
			return slices.Clone(found[max(0, len(found)-most):])
		}
	}
	return nil
}
