package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

// report reports as a worker of the account "worker".
func (f *fixture) report(worker string, change ...func(*message.Report)) {
	f.t.Helper()
	r := message.Report{Worker: worker, State: message.Idle, Up: 60}
	for _, c := range change {
		c(&r)
	}
	if err := f.Report(f.t.Context(), r); err != nil {
		f.t.Fatal(err)
	}
}

// listed names the workers on all pages, of so many at a time.
func (f *fixture) listed(limit int) (names []string) {
	f.t.Helper()
	for after := int64(0); ; {
		page, err := f.Workers(f.t.Context(), after, limit)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, w := range page.Workers {
			names = append(names, w.Worker)
		}
		if after = page.Next; after == 0 {
			return names
		}
	}
}

func TestWorkersAreListedInTheOrderOfTheirFirstReports(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	for _, name := range []string{"c", "a", "b", "c", "d"} {
		f.report(name)
	}
	for _, limit := range []int{1, 2, 4, 100} {
		if d := cmp.Diff(f.listed(limit), []string{"c", "a", "b", "d"}); d != "" {
			t.Errorf("%d at a time: %s", limit, d)
		}
	}
}

func TestAReportReplacesTheOneBefore(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	f.lease("w", 2)
	f.report("w")
	first, err := f.Workers(t.Context(), 0, 10)
	if err != nil || len(first.Workers) != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	if up := time.Since(first.Workers[0].Since); up < 50*time.Second || up > 5*time.Minute {
		t.Errorf("it began %v ago, and said 60 s", up)
	}
	recent := 1.5
	want := message.Report{Worker: "w", State: message.Working, Up: 70, Program: "mpicalc 1", Hosts: []string{"one"}, RankCount: 2, Done: 7,
		Jobs:  []message.WorkerJob{{Key: "0", Phase: message.Fitting, Leased: 3, Begun: &recent}},
		Ranks: []message.WorkerRank{{Rank: 1, Host: "one", Threads: 2, Key: "0", Chunks: 2, Busy: 4, Recent: []int{0, 100}}}}
	if err := f.Report(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	again, err := f.Workers(t.Context(), 0, 10)
	if err != nil || len(again.Workers) != 1 {
		t.Fatalf("%+v, %v", again, err)
	}
	got := again.Workers[0]
	if d := cmp.Diff(got.Report, want); d != "" {
		t.Error(d)
	}
	if got.Account != "worker" || got.Leases != 2 || got.Silent < 0 || got.Silent > 60 || !got.Since.Equal(first.Workers[0].Since) || got.ID != first.Workers[0].ID {
		t.Errorf("got %+v", got)
	}
	if len(again.Others) > 0 {
		t.Errorf("others: %+v", again.Others)
	}
}

// A row that is written every few seconds must not make the table and its indexes grow.
func TestAReportChangesItsRowInPlace(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.report("w")
	ranks := func(r *message.Report) {
		for i := range 8 {
			r.Ranks = append(r.Ranks, message.WorkerRank{Rank: i, Host: "one"})
		}
	}
	for range 3 { // more would need room that a transaction of another test may keep
		f.report("w", ranks)
	}
	deadline := time.Now().Add(time.Minute)
	for updated, hot := 0, 0; updated < 3; { // the statistics come later
		f.exec("SELECT pg_stat_force_next_flush()")
		err := f.pool.QueryRow(t.Context(), "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relid = 'worker'::regclass").Scan(&updated, &hot)
		if err != nil || hot != updated || time.Now().After(deadline) {
			t.Fatalf("%d of %d reports changed the row in place, %v", hot, updated, err)
		}
	}
	var logged string
	if err := f.pool.QueryRow(t.Context(), "SELECT relpersistence FROM pg_class WHERE oid = 'worker'::regclass").Scan(&logged); err != nil || logged != "u" {
		t.Errorf("the table is %q, %v, want unlogged", logged, err)
	}
}

func TestSilentWorkersAreNotListed(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.add(0, 3)
	f.lease("gone", 1)
	f.lease("old", 1) // of a version that does not report
	f.lease("here", 1)
	for _, name := range []string{"gone", "ahead", "here", "left"} {
		f.report(name)
	}
	if err := f.Leave(t.Context(), "left"); err != nil {
		t.Fatal(err)
	}
	f.exec("UPDATE worker SET seen_at = clock_timestamp() - make_interval(secs => $1) WHERE name = 'gone'", store.SilentAfter.Seconds()+1)
	f.exec("UPDATE worker SET seen_at = clock_timestamp() + interval '1 hour' WHERE name = 'ahead'") // the clock went back
	if d := cmp.Diff(f.listed(10), []string{"here"}); d != "" {
		t.Error(d)
	}
	page, err := f.Workers(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(page.Others, []message.Holder{{Account: "worker", Worker: "gone", Leases: 1}, {Account: "worker", Worker: "old", Leases: 1}}); d != "" {
		t.Error(d)
	}
	if err := f.ForgetWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := f.pool.QueryRow(t.Context(), "SELECT count(*) FROM worker").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows are left, %v, want that of the one that reports", rows, err)
	}
	f.report("gone") // it was suspended
	if d := cmp.Diff(f.listed(10), []string{"here", "gone"}); d != "" {
		t.Error(d)
	}
}

func TestAWorkerFollowsItsPredecessors(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	for _, name := range []string{"a#1", "b#1", "a#3", "a#2"} { // the report of a#2 was late
		f.report(name)
	}
	if d := cmp.Diff(f.listed(10), []string{"b#1", "a#3", "a#2"}); d != "" {
		t.Error(d)
	}
	f.report("a#4")
	if d := cmp.Diff(f.listed(10), []string{"b#1", "a#4"}); d != "" {
		t.Error(d)
	}
}

func TestAnAccountReportsForItselfOnly(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.report("a#1", func(r *message.Report) { r.Program = "ours" })
	other := f.Store.Account("other")
	if err := other.Report(t.Context(), message.Report{Worker: "a#1", State: message.Idle, Program: "theirs"}); err != nil {
		t.Fatal(err)
	}
	if err := other.Report(t.Context(), message.Report{Worker: "a#2", State: message.Idle, Program: "theirs"}); err != nil {
		t.Fatal(err)
	}
	if err := other.Leave(t.Context(), "a#1"); err != nil {
		t.Fatal(err)
	}
	page, err := f.Workers(t.Context(), 0, 10)
	if err != nil || len(page.Workers) != 2 || page.Workers[0].Program != "ours" || page.Workers[0].Account != "worker" || page.Workers[1].Worker != "a#2" {
		t.Errorf("got %+v, %v", page.Workers, err)
	}
}

func TestAnAccountHasSoManyRows(t *testing.T) {
	t.Parallel()
	f := open(t, testPolicy())
	f.exec("INSERT INTO worker (account, name, since, seen_at, report) SELECT 'worker', 'w' || i, now(), now(), '{}' FROM generate_series(1, 1000) i")
	err := f.Report(t.Context(), message.Report{Worker: "one more", State: message.Idle})
	if !problem.Is(err, problem.TooMany) {
		t.Errorf("got %v", err)
	}
	f.report("w7") // goes on
	if err := f.Store.Account("other").Report(t.Context(), message.Report{Worker: "w", State: message.Idle}); err != nil {
		t.Errorf("another account: %v", err)
	}
	f.exec("UPDATE worker SET seen_at = now() - interval '1 hour' WHERE name = 'w8'")
	f.report("one more")
	large := message.Report{Worker: "large", State: message.Idle, Hosts: []string{strings.Repeat("x", message.MaxReportBytes)}}
	if err := f.Report(t.Context(), large); !problem.Is(err, problem.TooLarge) {
		t.Errorf("got %v", err)
	}
	if n := len(f.listed(200)); n != 1001 {
		t.Errorf("%s are listed", fmt.Sprint(n))
	}
}
