package e2e

import (
	"slices"
	"testing"

	"foliocast/internal/history"
	"foliocast/queue/model"
)

// replay replays a history on the model of the lease protocol, and returns what the model
// does not explain.
func replay(t *testing.T, events []history.Event) []string {
	t.Helper()
	r, err := model.NewReplayer(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Replay(t.Context(), events)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("replayed %d messages, about which there were %d requests", got.Messages, got.Requests)
	if len(got.Violations) == 0 {
		damage(t, r, events)
	}
	return got.Violations
}

// damages are ways in which the queue could have gone wrong at one item of a request.
var damages = []struct {
	name   string
	at     func(history.Event, history.Item) bool
	change func(*history.Event, *history.Item)
	both   bool // the request as it was happened, too
	again  bool // only where the message was leased again: the others may have been cancelled at that moment, or just after it
}{
	{"a token that was skipped", leasing, func(_ *history.Event, i *history.Item) { i.Token++ }, false, false},
	{"an attempt that did not count", repeatedly, func(_ *history.Event, i *history.Item) { i.Attempt-- }, false, false},
	{"an attempt that counted twice", leasing, func(_ *history.Event, i *history.Item) { i.Attempt++ }, false, false},
	{"a lease for a second worker", leasing, func(e *history.Event, _ *history.Item) { e.Key = "another" }, true, false},
	{"a result that is refused", accepted, func(_ *history.Event, i *history.Item) { i.Verdict = "stale" }, false, false},
	{"a late result that is accepted", stale, func(_ *history.Event, i *history.Item) { i.Verdict = "accepted" }, false, true},
	{"a result that counts as an error", accepted, func(_ *history.Event, i *history.Item) { i.Failed = true }, false, false},
	{"a lease that outlives its message", extended, func(e *history.Event, _ *history.Item) { e.Begin, e.End = 1<<50, 1<<50+1 }, true, false},
	{"a cancelled message that waits", stopped, func(_ *history.Event, i *history.Item) { i.Verdict = "waiting" }, false, false},
}

func leasing(e history.Event, _ history.Item) bool    { return e.Op == history.Lease }
func repeatedly(e history.Event, i history.Item) bool { return e.Op == history.Lease && i.Attempt > 1 }
func accepted(e history.Event, i history.Item) bool {
	return e.Op == history.Complete && i.Verdict == "accepted" && !i.Failed
}
func stale(e history.Event, i history.Item) bool {
	return e.Op == history.Complete && i.Verdict == "stale"
}
func extended(e history.Event, i history.Item) bool {
	return e.Op == history.Beat && i.Verdict == "extended"
}
func stopped(e history.Event, i history.Item) bool {
	return e.Op == history.Cancel && i.Verdict == "ended"
}

// leasedAgain reports whether the message of an item has got a greater token than that of the item.
func leasedAgain(events []history.Event, item history.Item) bool {
	return slices.ContainsFunc(events, func(e history.Event) bool {
		return e.Kind == history.Wire && e.Op == history.Lease && e.Status/100 == 2 &&
			slices.ContainsFunc(e.Items, func(other history.Item) bool { return other.ID == item.ID && other.Token > item.Token })
	})
}

// damage changes a history in one place after the other, some of each kind: the model must
// explain none of them. It takes messages whose history needs no request without an answer,
// since such a request could explain a damage, too.
func damage(t *testing.T, r *model.Replayer, events []history.Event) {
	t.Helper()
	const each = 20
	violations := func(all []history.Event) int {
		got, err := r.Replay(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		return len(got.Violations)
	}
	for _, d := range damages {
		places := 0
		for at, e := range events {
			for n, item := range e.Items {
				if places == each || e.Kind != history.Wire || !d.at(e, item) || d.again && !leasedAgain(events, item) || violations(only(events, at, n)) > 0 {
					continue
				}
				places++
				changed := e
				changed.Items = []history.Item{item}
				d.change(&changed, &changed.Items[0])
				with := []history.Event{changed}
				if d.both {
					whole := e
					whole.Items = []history.Item{item}
					with = append(with, whole)
				}
				if violations(only(events, at, n, with...)) != 1 {
					t.Errorf("%s, message %s, line %d: the model explains it", d.name, item.ID, at+1)
				}
			}
		}
		t.Logf("%d times %s", places, d.name)
	}
}

// only returns the answered requests about the message of item n of event at, with that event
// replaced if there are others.
func only(events []history.Event, at, n int, instead ...history.Event) []history.Event {
	id, key := events[at].Items[n].ID, ""
	for _, e := range events {
		for _, item := range e.Items {
			if item.ID == id && item.Key != "" {
				key = item.Key
			}
		}
	}
	var all []history.Event
	for i, e := range events {
		if i == at && len(instead) > 0 {
			all = append(all, instead...)
			continue
		}
		e.Items = slices.DeleteFunc(slices.Clone(e.Items), func(item history.Item) bool { return item.ID != id && (item.Key == "" || item.Key != key) })
		if e.Kind == history.Begin || e.Kind == history.Feed && e.ID == id || e.Kind == history.Wire && e.Status/100 == 2 && (len(e.Items) > 0 || e.Op == history.Inherit) {
			all = append(all, e)
		}
	}
	return all
}
