package auditapi

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"foliocast/internal/audit"
)

// A day of a flood from ever new addresses leaves a bounded number of events, and none
// of the refusals goes uncounted.
func TestFloodsFromEverywhereAreBounded(t *testing.T) {
	t.Parallel()
	d := &Desk{rate: rate.NewLimiter(rate.Every(everyEvent), maxBurst), tallies: map[kind]*tally{}, rest: &tally{}}
	begin := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	noted, counted, events, most := 0, 0, 0, 0
	for second := range 24 * 60 * 60 {
		for range 20 {
			d.note(kind{caller: fmt.Sprint("network ", noted), action: "remove-user", status: 403}, audit.Event{Action: "remove-user"})
			noted++
		}
		for _, e := range d.due(begin.Add(time.Duration(second) * time.Second)) {
			counted += e.Times
			events++
		}
		most = max(most, len(d.tallies))
	}
	for _, e := range d.due(begin.Add(25 * time.Hour)) {
		counted += e.Times
	}
	if limit := maxBurst + 24*60*60/5 + 24*60; events > limit || most > maxKinds {
		t.Errorf("%d events in a day, want at most %d; %d kinds were kept, want at most %d", events, limit, most, maxKinds)
	}
	if counted != noted {
		t.Errorf("%d of %d refusals are counted", counted, noted)
	}
}

// Refusals of one kind are one event a minute, which has their number.
func TestRefusalsOfOneKindAreCounted(t *testing.T) {
	t.Parallel()
	d := &Desk{rate: rate.NewLimiter(rate.Every(everyEvent), maxBurst), tallies: map[kind]*tally{}, rest: &tally{}}
	now := time.Now()
	var times []int
	for second := range 200 {
		for i := range 10 {
			d.note(kind{caller: "subject ada"}, audit.Event{RequestID: fmt.Sprint(i)})
		}
		for _, e := range d.due(now.Add(time.Duration(second) * time.Second)) {
			times = append(times, e.Times)
		}
	}
	if got := fmt.Sprint(times); got != "[10 600 600 600]" {
		t.Errorf("got events of %s refusals", got)
	}
}
