package jobtrace_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/jobtrace"
	"foliocast/internal/tracing"
)

func at(seconds float64) time.Time {
	return time.Unix(1_700_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

// tree is the names of spans with their beginnings and ends, each below its parent.
func tree(spans []tracing.Span) string {
	var b strings.Builder
	var below func(id tracing.SpanID, depth int)
	below = func(id tracing.SpanID, depth int) {
		for _, s := range spans {
			if s.Parent == id {
				fmt.Fprintf(&b, "%s%s %g %g\n", strings.Repeat(" ", depth), s.Name, s.Begin.Sub(at(0)).Seconds(), s.End.Sub(at(0)).Seconds())
				below(s.ID, depth+1)
			}
		}
	}
	below(tracing.SpanID{}, 0)
	return b.String()
}

var times = job.Times{Prepared: 0.5, Started: 1, Dealt: 2, Arrived: 1.5, Gathered: 4, Ranks: []job.RankTime{{Rank: 0, Begin: 1, End: 3.5, Busy: 2}, {Rank: 2, Begin: 1.25, End: 4, Busy: 2.5}}}

func TestSpansOfARun(t *testing.T) {
	t.Parallel()
	lost := jobtrace.Attempt{Key: "j", Token: 1, Worker: "w1", Leased: at(2), Ended: at(5), Lost: true, Fault: "lease expired"}
	back := jobtrace.Attempt{Key: "j", Token: 2, Worker: "w2", Leased: at(6), Ended: at(7)}
	last := jobtrace.Attempt{Key: "j", Token: 3, Leased: at(8), Ended: at(13), Times: &times}
	for _, test := range []struct {
		name string
		run  jobtrace.Run
		want string
	}{
		{"not sent", jobtrace.Run{}, "job 0 20\n outbox 0 20\n"},
		{"waiting", jobtrace.Run{Sent: at(1)}, "job 0 20\n outbox 0 1\n queue 1 20\n"},
		{"running", jobtrace.Run{Sent: at(1), Leases: []jobtrace.Attempt{{Key: "j", Leased: at(8)}}}, "job 0 20\n outbox 0 1\n queue 1 8\n attempt 8 20\n"},
		{"cancelled while it waited", jobtrace.Run{Sent: at(1), Ended: at(3), Applied: at(4)}, "job 0 4\n outbox 0 1\n queue 1 3\n result 3 4\n"},
		{"never sent", jobtrace.Run{Ended: at(3), Applied: at(3)}, "job 0 3\n outbox 0 3\n"},
		{"cancelled after it came back", jobtrace.Run{Sent: at(1), Ended: at(7), Applied: at(8), Leases: []jobtrace.Attempt{lost}},
			"job 0 8\n outbox 0 1\n queue 1 2\n attempt 2 5\n queue 5 7\n result 7 8\n"},
		{"the third time", jobtrace.Run{Sent: at(1), Ended: at(13), Applied: at(14), Leases: []jobtrace.Attempt{lost, back, last}},
			"job 0 14\n outbox 0 1\n queue 1 2\n attempt 2 5\n queue 5 6\n attempt 6 7\n queue 7 8\n" +
				" attempt 8 13\n  prepare 8 8.5\n  wait 8.5 9\n  scatter 9 10\n  fit rank 0 9 11.5\n  fit rank 2 9.25 12\n  gather 9.5 12\n  answer 12 13\n result 13 14\n"},
	} {
		r := test.run
		r.Key, r.Queued = "j", at(0)
		all := r.Spans(at(20))
		if got := tree(all); got != test.want {
			t.Errorf("%s: got\n%swant\n%s", test.name, got, test.want)
		}
		sum, seen := 0.0, map[tracing.SpanID]bool{}
		for _, s := range all {
			if seen[s.ID] {
				t.Errorf("%s: two spans have the id of %s", test.name, s.Name)
			}
			seen[s.ID] = true
			if s.Parent == all[0].ID {
				sum += s.End.Sub(s.Begin).Seconds()
			}
		}
		if whole := all[0].End.Sub(all[0].Begin).Seconds(); math.Abs(sum-whole) > 1e-9 {
			t.Errorf("%s: the steps take %g s of %g s", test.name, sum, whole)
		}
	}
}

// Each attempt and each run follows the one before, also where that was sent by another program: the names are the same.
func TestSpansFollowEachOther(t *testing.T) {
	t.Parallel()
	first := jobtrace.Attempt{Key: "j#2", Token: 1, Leased: at(2), Ended: at(5), Lost: true}
	second := jobtrace.Attempt{Key: "j#2", Token: 2, Leased: at(6), Ended: at(13), Times: &times}
	run := jobtrace.Run{Key: "j#2", Before: "j", Number: 2, Queued: at(0), Sent: at(1), Ended: at(13), Applied: at(14), Leases: []jobtrace.Attempt{first, second}}
	all := run.Spans(at(20))
	byWorker := second.Spans(jobtrace.ID("j#2"), at(13))
	if all[0].Follows != jobtrace.ID("j") || byWorker[0].Follows != first.Spans(jobtrace.ID("j#2"), at(13))[0].ID {
		t.Errorf("got %+v and %+v", all[0], byWorker[0])
	}
	// What the data service sends and what the worker sends is all of it, once.
	sent := map[tracing.SpanID]bool{}
	for _, s := range append(run.Without(at(20)), byWorker...) {
		if sent[s.ID] {
			t.Errorf("%s is sent twice", s.Name)
		}
		sent[s.ID] = true
	}
	for _, s := range all {
		if !sent[s.ID] {
			t.Errorf("%s is not sent", s.Name)
		}
	}
	if len(sent) != len(all) {
		t.Errorf("%d spans were sent, want %d", len(sent), len(all))
	}
}
