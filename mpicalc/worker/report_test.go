package worker_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/mpicalc/worker"
	"foliocast/queue/message"
)

// said reports whether the worker has said something of the kind. The lock is held.
func (q *fakeQueue) said(kind func(message.Report) bool) bool {
	return slices.ContainsFunc(q.reports, kind)
}

func TestAWorkerReportsWhatItDoes(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 40, 40)
	q := newFakeQueue(t, s.task("slow", func(spec *job.Spec) { spec.Assets, spec.Model = []string{"*"}, "auto" }))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() {
		defer stop()
		q.await("a report of the job with the ranks", func() bool {
			return q.said(func(r message.Report) bool {
				if len(r.Jobs) == 0 || r.Jobs[0].Phase != message.Fitting || r.Jobs[0].Done == 0 {
					return false
				}
				j := r.Jobs[0]
				ranksBusy := r.Busy == 1 && r.Ranks[0].Key == "key-m0" && r.Ranks[1].Key == "key-m0" && r.Ranks[0].Chunks > 0
				return r.State == message.Working && r.Held == 1 && j.Key == "key-m0" && j.Series == 40 && j.Done < 40 && j.Begun != nil && j.First != nil &&
					*j.First <= *j.Begun && *j.Begun <= j.Leased && j.Last == nil && ranksBusy
			})
		})
		q.await("a report after the job", func() bool {
			return q.said(func(r message.Report) bool {
				if len(r.Ended) == 0 || r.State != message.Idle {
					return false
				}
				j := r.Ended[0]
				inOrder := *j.Ended <= *j.Answered && *j.Answered <= *j.Last && *j.Last <= *j.First && *j.First <= *j.Begun && *j.Begun <= j.Leased
				return inOrder && j.Key == "key-m0" && j.Phase == "" && j.Done == 40 && r.Done == 1 && r.Held == 0 && r.Series == 40 && r.Busy == 0 &&
					r.Ranks[1].Key == "" && r.Ranks[1].Busy >= r.Ranks[1].Fit && r.Ranks[1].Fit > 0 && slices.Max(r.Ranks[1].Recent) > 0
			})
		})
	}()
	if err := workWith(ctx, t, q, s, worker.Config{Name: "w9"}, ranks{pause: 20 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.Failed() {
		for _, r := range q.reports {
			t.Logf("%+v", r)
		}
	}
	first := q.reports[0]
	if first.Worker != "w9" || first.Program != "test" || first.RankCount != 2 || first.Threads != 2 || first.HostCount != 1 || len(first.Hosts) != 1 || len(first.Ranks) != 2 {
		t.Errorf("the first report: %+v", first)
	}
	if !slices.Equal(q.left, []string{"w9"}) {
		t.Errorf("%q said that they end", q.left)
	}
}

// A queue of an earlier version refuses reports, one that hangs does not answer, and one that fails says so: the jobs do not
// notice.
func TestJobsDoNotWaitForReports(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]error{
		"an earlier version": problem.New(problem.NotFound, "there is no such path"),
		"a failure":          problem.New(problem.Internal, "no"),
		"no answer":          errConnection,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newDataService(t, 2, 30)
			var tasks []any
			for i := range 5 {
				tasks = append(tasks, s.task(fmt.Sprint(i), nil))
			}
			q := newFakeQueue(t, tasks...)
			q.fault = func(call string, _ bool) error {
				if call == "report" {
					return fault
				}
				return nil
			}
			drain(t, q, s)
			for i := range tasks {
				if a := q.answer(i); a.State != job.Done {
					t.Errorf("answer %d: %+v", i, a)
				}
			}
			if len(q.left) != 0 {
				t.Errorf("%q were never listed, and said that they end", q.left)
			}
		})
	}
}

// hanging is a queue that never answers a report.
type hanging struct{ *fakeQueue }

func (hanging) Report(ctx context.Context, _ message.Report) (time.Duration, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func TestAReportThatHangsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	s := newDataService(t, 2, 30)
	q := hanging{newFakeQueue(t, s.task("a", nil))}
	begin := time.Now()
	drain(t, q, s)
	if a := q.answer(0); a.State != job.Done || time.Since(begin) > 4*time.Second { // a report may take 5 s
		t.Errorf("after %v: %+v", time.Since(begin), a)
	}
}
