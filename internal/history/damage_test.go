package history_test

import (
	"slices"
	"strings"
	"testing"

	"foliocast/internal/history"
)

// damage is one way in which a service could go wrong. It changes the event at i of a
// history, and reports false where that event cannot show it.
type damage struct {
	name string
	do   func(all []history.Event, i int) ([]history.Event, bool)
	want string // in the violation
}

// each changes events that match.
func each(name, want string, match func(history.Event) bool, change func(*history.Event)) damage {
	return damage{name, func(all []history.Event, i int) ([]history.Event, bool) {
		if !match(all[i]) {
			return nil, false
		}
		change(&all[i])
		return all, true
	}, want}
}

// without removes events that match, and doubled repeats them.
func without(name, want string, match func(history.Event) bool) damage {
	return damage{name, func(all []history.Event, i int) ([]history.Event, bool) {
		possible := match(all[i])
		return recount(slices.Delete(all, i, i+1)), possible
	}, want}
}

func doubled(name, want string, match func(history.Event) bool) damage {
	return damage{name, func(all []history.Event, i int) ([]history.Event, bool) {
		possible := match(all[i])
		return recount(slices.Insert(all, i, all[i])), possible
	}, want}
}

// swapped exchanges the events that match with the next one that does.
func swapped(name, want string, match func(history.Event) bool) damage {
	return damage{name, func(all []history.Event, i int) ([]history.Event, bool) {
		next := slices.IndexFunc(all[i+1:], match)
		if !match(all[i]) || next < 0 {
			return nil, false
		}
		all[i], all[i+1+next] = all[i+1+next], all[i]
		return all, true
	}, want}
}

// recount corrects the last line, which would give a changed number of lines away.
func recount(all []history.Event) []history.Event {
	if n := len(all); n > 0 && all[n-1].Kind == history.End {
		all[n-1].Lines = n - 1
	}
	return all
}

func is(k history.Kind) func(history.Event) bool {
	return func(e history.Event) bool { return e.Kind == k }
}

func on(op history.Op, verdict string) func(history.Event) bool {
	return func(e history.Event) bool {
		return e.Kind == history.Wire && e.Op == op && (verdict == "" || e.Items[0].Verdict == verdict)
	}
}

// called matches the calls of an operation that were accepted.
func called(op history.Op) func(history.Event) bool {
	return func(e history.Event) bool { return e.Kind == history.Call && e.Op == op && e.Status/100 == 2 }
}

func in(k history.Kind, state string) func(history.Event) bool {
	return func(e history.Event) bool { return e.Kind == k && (e.State == state || e.Outcome == state) }
}

// repeated matches a lease under a token above the first.
func repeated(e history.Event) bool { return on(history.Lease, "")(e) && e.Items[0].Token > 1 }

func damages() []damage {
	completed := in(history.Feed, "completed")
	return []damage{
		without("a job lost from the end", "listed 0 times", is(history.Final)),
		doubled("a job twice at the end", "listed 2 times", is(history.Final)),
		without("a result lost from the feed", "", is(history.Feed)),
		doubled("a result twice in the feed", "twice", is(history.Feed)),
		swapped("results out of order", "the feed goes", is(history.Feed)),
		without("an accepted submission", "never accepted", called(history.Submit)),
		without("an event lost from the trail", "the audit trail", is(history.Audit)),
		doubled("an event twice in the trail", "the audit trail", is(history.Audit)),
		swapped("events out of order", "the audit trail", is(history.Audit)),
		without("an expected answer", "computed", is(history.Expected)),
		doubled("an expected answer twice", "is not one", is(history.Expected)),
		without("the first line", "not whole", is(history.Begin)),
		without("the last line", "not whole", is(history.End)),
		without("the completion that won", "not the one", on(history.Complete, "accepted")),
		without("the lease that won", "never gave", repeated),
		without("a replacement", "not the last accepted", called(history.Replace)),
		without("a cancellation", "nobody cancelled", func(e history.Event) bool {
			return called(history.Cancel)(e) && e.Job[len(e.Job)-1] == '2' && e.Job == "job-2"
		}),
		without("a retry", "had ended as cancelled", called(history.Retry)),
		each("an answer that is another's", "another result", in(history.Final, "done"), func(e *history.Event) { e.Numbers = numbers(len(e.Numbers)+100*len(e.Job)+99) + " " }),
		each("one bit of a number", "another result", in(history.Final, "done"), func(e *history.Event) { e.Numbers = strings.Replace(e.Numbers, ".5", ".50000000000000001", 1) }),
		each("a job without its result", "another result", in(history.Final, "done"), func(e *history.Event) { e.Numbers = "" }),
		each("the result of a stale lease", "not the one", completed, func(e *history.Event) { e.Numbers += " " }),
		each("a cancelled job with a result", "has a result", in(history.Final, "cancelled"), func(e *history.Event) { e.Numbers = numbers(0) }),
		each("a cancelled message with a result", "has a result", in(history.Feed, "cancelled"), func(e *history.Event) { e.Numbers = numbers(0) }),
		each("a job that is not over", `ended as "running"`, in(history.Final, "done"), func(e *history.Event) { e.State = "running" }),
		each("a dead job", "ended as", in(history.Final, "done"), func(e *history.Event) { e.State, e.Numbers = "dead", "" }),
		each("a job cancelled by nobody", "ended as done", in(history.Final, "done"), func(e *history.Event) { e.State, e.Numbers = "cancelled", "" }),
		each("a dead message", "ended as", completed, func(e *history.Event) { e.Outcome, e.Numbers = "dead", "" }),
		each("a redrive of another message", "had ended as dead", in(history.Feed, "redriven"), func(e *history.Event) { e.Key = "job-0" }),
		each("a message redriven and not ended", "has not ended again", in(history.Feed, "redriven"), func(e *history.Event) { e.Key += "#2" }),
		each("a message redriven that completed", "had not ended badly", in(history.Feed, "dead"), func(e *history.Event) { e.Outcome = "completed" }),
		each("another specification", "not the last accepted", is(history.Final), func(e *history.Event) { e.Spec = spec(8) + " " }),
		each("a gap that the feed admits", "are missing", is(history.Feed), func(e *history.Event) { e.Gap = true }),
		each("another epoch", "epoch", func(e history.Event) bool { return e.Kind == history.Feed && e.Position > 1 }, func(e *history.Event) { e.Epoch = "f" }),
		each("a stale completion that is accepted", "after it had given", on(history.Complete, "stale"), func(e *history.Event) { e.Items = change(e.Items, func(i *history.Item) { i.Verdict = "accepted" }) }),
		each("a heartbeat under a token never given", "never gave", on(history.Beat, "extended"), func(e *history.Event) { e.Items = change(e.Items, func(i *history.Item) { i.Token += 7 }) }),
		each("a token that goes back", "token", repeated, func(e *history.Event) { e.Items = change(e.Items, func(i *history.Item) { i.Token -= 2 }) }),
		each("a token given twice", "twice under", repeated, func(e *history.Event) { e.Items = change(e.Items, func(i *history.Item) { i.Token-- }) }),
		each("leases out of order", "uploaded earlier", on(history.Lease, ""), func(e *history.Event) { e.Items = slices.Clone(e.Items); slices.Reverse(e.Items) }),
		each("an internal error", "answered 500", is(history.Call), func(e *history.Event) { e.Status = 500 }),
		each("a 503 that says nothing", "answered 503", is(history.Call), func(e *history.Event) { e.Status = 503 }),
		each("one key for two jobs", "gave the job", called(history.Submit), func(e *history.Event) { e.Key = map[bool]string{true: "key-1", false: "key-0"}[e.Key == "key-0"] }),
		each("a list that lacks a job", "lacks job", is(history.Walk), func(e *history.Event) { e.Jobs = e.Jobs[1:] }),
		each("a list that has a job twice", "twice", is(history.Walk), func(e *history.Event) { e.Jobs = append(slices.Clone(e.Jobs), e.Jobs[0]) }),
		each("a fault that is not over", "was over after", is(history.Fault), func(e *history.Event) { e.Recovered = -1 }),
		each("a fault that takes long", "was over after 36.0 s", is(history.Fault), func(e *history.Event) { e.Recovered = 36_000_000 }),
		each("a job that changes after its end", "had ended as", func(e history.Event) bool { return called(history.Get)(e) && e.State == "done" }, func(e *history.Event) { e.State = "cancelled" }),
	}
}

func change(items []history.Item, do func(*history.Item)) []history.Item {
	items = slices.Clone(items)
	do(&items[0])
	return items
}

// Every kind of damage is found wherever a history can show it.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	whole := good(3, 24)
	for _, d := range damages() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			places := 0
			for i := range whole {
				damaged, possible := d.do(slices.Clone(whole), i)
				if !possible {
					continue
				}
				places++
				found := history.Check(damaged)
				if !slices.ContainsFunc(found, func(v string) bool { return strings.Contains(v, d.want) }) {
					t.Errorf("at %d, %+v: found %q, want %q", i, whole[i], found, d.want)
				}
			}
			if places == 0 {
				t.Error("the history has no place for it")
			}
		})
	}
}
