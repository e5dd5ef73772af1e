package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"foliocast/frontend/client"
	"foliocast/frontend/store"
	"foliocast/internal/audit"
	"foliocast/internal/audit/audittest"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

// hourly is a schedule that fires each hour, and not for the next minutes.
func hourly(name string) client.NewSchedule {
	cron := fmt.Sprintf("%d * * * *", time.Now().Add(30*time.Minute).Minute())
	return client.NewSchedule{Name: name, Plan: job.Plan{Cron: cron, Zone: "Europe/Berlin", Job: spec()}}
}

// schedule adds a schedule, or fails the test.
func (s *service) schedule(n client.NewSchedule) client.ScheduleSnapshot {
	s.Helper()
	made, err := s.as(auth.Manager).CreateSchedule(s.Context(), n)
	if err != nil {
		s.Fatal(err)
	}
	return made
}

// firedAt lets a schedule fire so long after its next time, if it is to come then, and returns the
// schedule afterwards. The clock is the test's.
func (s *service) firedAt(name string, late time.Duration) job.Schedule {
	s.Helper()
	seen, err := s.store.Schedule(s.Context(), name)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.fireAt(seen, late); err != nil {
		s.Fatal(err)
	}
	now, err := s.as(auth.Manager).Schedule(s.Context(), name)
	if err != nil {
		s.Fatal(err)
	}
	return now.Schedule
}

func (s *service) fireAt(seen store.Schedule, late time.Duration) error {
	return s.api.fire(s.Context(), s.api.backend.Load(), seen, seen.NextAt.Add(late))
}

// jobs lists all jobs, the newest first.
func (s *service) jobs() (all []job.Summary) {
	s.Helper()
	for j, err := range s.as(auth.Manager).Jobs(s.Context(), client.JobFilter{}) {
		if err != nil {
			s.Fatal(err)
		}
		all = append(all, j)
	}
	return all
}

func TestScheduleFires(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	made := s.schedule(hourly("night"))
	if made.NextAt == nil || time.Until(*made.NextAt) > time.Hour || made.CatchUp != job.CatchUpLast || made.Owner != "tester" {
		t.Fatalf("got %+v", made)
	}
	if err := s.api.fireDue(t.Context(), s.api.backend.Load()); err != nil || len(s.jobs()) != 0 {
		t.Errorf("before its time: %v and %d jobs", err, len(s.jobs()))
	}
	s.upload("prices", strings.Replace(smallCSV, ",7", ",8", 1)) // the newest version counts at the firing
	seen, err := s.store.Schedule(t.Context(), "night")
	if err != nil {
		t.Fatal(err)
	}
	now := s.firedAt("night", time.Second)
	all := s.jobs()
	if len(all) != 1 || now.LastJob != all[0].ID || now.Fired != 1 || now.LastAt == nil || now.LastError != nil || !now.NextAt.Equal(made.NextAt.Add(time.Hour)) {
		t.Fatalf("got %+v and %d jobs", now, len(all))
	}
	if all[0].Owner != "tester" || all[0].Dataset.Version != 2 {
		t.Errorf("the job is %+v", all[0])
	}
	if events := audittest.List(t, s.store.Trail, audit.Filter{Actor: "system", Action: "create-job"}); len(events) != 1 || events[0].OnBehalfOf == "" {
		t.Errorf("the trail has %+v", events)
	}
	if err := s.fireAt(seen, time.Second); err != nil || len(s.jobs()) != 1 {
		t.Errorf("another process fires it again: %v, %d jobs", err, len(s.jobs()))
	}
}

// Two processes look at the same schedules, again and again, while they are changed: every firing has
// one job.
func TestTwoProcessesFire(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	const n = 8
	for i := range n {
		each := hourly(fmt.Sprint("s", i))
		each.CatchUp = job.CatchUpAll
		s.schedule(each)
	}
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			for i := range n {
				seen, err := s.store.Schedule(t.Context(), fmt.Sprint("s", i))
				if err != nil {
					return err
				}
				if time.Until(*seen.NextAt) > time.Hour {
					continue // it has fired
				}
				if err := s.fireAt(seen, 3*time.Hour+2*time.Minute); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	all, err := s.as(auth.Manager).Schedules(t.Context())
	if err != nil || len(all) != n {
		t.Fatal(len(all), err)
	}
	total := 0
	for _, one := range all {
		total += one.Fired
		if one.Fired != 4 {
			t.Errorf("schedule %s fired %d times, want 4", one.Name, one.Fired)
		}
	}
	if got := len(s.jobs()); got != total {
		t.Errorf("%d jobs of %d firings", got, total)
	}
}

// The process dies after it has stored the job and before it notes the firing, as far as that is
// possible: everything is undone, and the firing comes later. A firing whose job exists, as after
// part of a backup is restored, makes no second one.
func TestFiringIsOneTransaction(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	s.schedule(hourly("night"))
	seen, err := s.store.Schedule(t.Context(), "night")
	if err != nil {
		t.Fatal(err)
	}
	deny := func(sql string) {
		t.Helper()
		if _, err := s.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	deny("ALTER TABLE schedule ADD CONSTRAINT schedule_fired_check CHECK (fired = 0)")
	if err := s.fireAt(seen, 0); err == nil || len(s.jobs()) != 0 {
		t.Errorf("got %v and %d jobs", err, len(s.jobs()))
	}
	deny("ALTER TABLE schedule DROP CONSTRAINT schedule_fired_check")
	first := s.firedAt("night", 0)
	deny("UPDATE schedule SET next_at = last_at, last_job = NULL")
	if again := s.firedAt("night", 0); len(s.jobs()) != 1 || again.LastJob != first.LastJob {
		t.Errorf("%d jobs, the last %s, want %s", len(s.jobs()), again.LastJob, first.LastJob)
	}
}

func TestRefusedFiringsAreRecorded(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	n := hourly("night")
	n.CatchUp = job.CatchUpSkip
	me := client.New(s.url, nil, auth.Static(s.token))
	if _, err := me.CreateSchedule(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if _, err := me.CreateJob(t.Context(), spec(), ""); err != nil {
		t.Fatal(err)
	}
	s.api.limits.Jobs = 1
	now := s.firedAt("night", 0)
	if now.LastError == nil || now.LastError.Code != "quota" || !strings.Contains(now.LastError.Detail, "you have 1 jobs") || now.Fired != 0 || now.NextAt == nil {
		t.Errorf("beyond the quota: %+v", now)
	}
	s.api.limits.Jobs = 0
	if now = s.firedAt("night", 2*time.Minute); now.LastError == nil || now.LastError.Code != "missed" || now.Fired != 0 {
		t.Errorf("too late: %+v", now)
	}
	s.upload("prices", strings.ReplaceAll(smallCSV, "FTSE", "CAC"))
	if now = s.firedAt("night", 0); now.LastError == nil || now.LastError.Code != "invalid" || !strings.Contains(now.LastError.Detail, `has no asset "FTSE"`) || now.Fired != 0 {
		t.Errorf("an asset has gone: %+v", now)
	}
	s.upload("prices", smallCSV)
	if now = s.firedAt("night", 0); now.Fired != 1 || now.LastError == nil {
		t.Errorf("all is well again: %+v", now)
	}
}

// A schedule acts for its owner, as long as the owner may submit jobs. While nobody can say, it
// waits.
func TestScheduleOfAUserWhoLostTheRight(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	b := s.api.backend.Load()
	var rights []auth.Scope
	var gone error
	b.Rights = func(context.Context, string) ([]auth.Scope, error) { return rights, gone }
	const reason = "user tester was removed, or may not submit jobs any more"
	for i, scopes := range [][]auth.Scope{auth.Secretary.Scopes(), nil} {
		name := fmt.Sprint("s", i)
		s.schedule(hourly(name))
		seen, err := s.store.Schedule(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		gone = errors.New("the identity service is away")
		if err := s.fireAt(seen, 0); err == nil {
			t.Error("no error")
		}
		if now, err := s.as(auth.Manager).Schedule(t.Context(), name); err != nil || now.Paused || now.NextAt == nil {
			t.Errorf("while nobody can say: %+v, %v", now, err)
		}
		rights, gone = scopes, nil
		now := s.firedAt(name, 0)
		if !now.Paused || now.PausedReason != reason || now.NextAt != nil || len(s.jobs()) != 0 {
			t.Errorf("got %+v, want the reason %q", now, reason)
		}
		if events := audittest.List(t, s.store.Trail, audit.Filter{Actor: "system", Action: "pause-schedule", Object: audit.Object{Kind: "schedule", ID: name}}); len(events) != 1 {
			t.Errorf("the trail has %+v", events)
		}
		gone = nil
	}
}

func TestSchedulesAreChangedAndRemoved(t *testing.T) {
	t.Parallel()
	s := newServiceWith(t, Limits{Upload: 1 << 20, UploadTime: time.Minute, Quotas: Quotas{Schedules: 2}})
	s.upload("prices", smallCSV)
	me := client.New(s.url, nil, auth.Static(s.token))
	first, err := me.CreateSchedule(t.Context(), hourly("night"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := me.CreateSchedule(t.Context(), hourly("night")); !problem.Is(err, problem.Conflict) {
		t.Errorf("a name that is taken: %v", err)
	}
	at := client.NewSchedule{Name: "once", Plan: job.Plan{At: time.Now().Add(time.Hour).Truncate(time.Second), Job: spec()}}
	once, err := me.CreateSchedule(t.Context(), at)
	if err != nil || !once.NextAt.Equal(at.At) {
		t.Fatal(once.NextAt, err)
	}
	if _, err := me.CreateSchedule(t.Context(), hourly("third")); !problem.Is(err, problem.TooMany) {
		t.Errorf("one too many: %v", err)
	}
	if now := s.firedAt("once", 0); now.Fired != 1 || now.NextAt != nil {
		t.Errorf("after its only firing: %+v", now)
	}
	plan := first.Plan
	plan.Paused = true
	now, err := s.as(auth.Manager).UpdateSchedule(t.Context(), "night", first.ETag, plan)
	if err != nil || !now.Paused || now.NextAt != nil || now.PausedReason != "" {
		t.Fatalf("paused: %+v, %v", now, err)
	}
	if _, err := me.UpdateSchedule(t.Context(), "night", first.ETag, plan); !problem.Is(err, problem.Stale) {
		t.Errorf("an old tag: %v", err)
	}
	plan.Paused = false
	if now, err = me.UpdateSchedule(t.Context(), "night", now.ETag, plan); err != nil || now.NextAt == nil || !now.NextAt.After(time.Now()) {
		t.Errorf("it goes on: %+v, %v", now, err)
	}
	for _, name := range []string{"night", "once"} {
		if err := me.RemoveSchedule(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	if err := me.RemoveSchedule(t.Context(), "night"); !problem.Is(err, problem.NotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if len(s.jobs()) != 1 {
		t.Errorf("%d jobs", len(s.jobs()))
	}
}

func TestScheduleFaults(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	good := `"job":{"dataset":"prices","assets":["DAX"],"horizon":2}`
	for _, c := range []struct{ body, want string }{
		{`{"name":"a",` + good + `}`, "/cron"},
		{`{"name":"a","cron":"* * * * *","at":"2099-01-01T00:00:00Z",` + good + `}`, "/cron"},
		{`{"name":"a","cron":"61 * * * *",` + good + `}`, "/cron"},
		{`{"name":"a","cron":"0 0 30 2 *",` + good + `}`, "/cron"},
		{`{"name":"a","cron":"* * * * *","zone":"Berlin",` + good + `}`, "/zone"},
		{`{"name":"a","at":"2020-01-01T00:00:00Z",` + good + `}`, "/at"},
		{`{"name":"A","cron":"* * * * *",` + good + `}`, "/name"},
		{`{"name":"a","cron":"* * * * *","catch_up":"some",` + good + `}`, "/catch_up"},
		{`{"name":"a","cron":"* * * * *","job":{"dataset":"prices","assets":["X"],"horizon":0,"not_before":"2099-01-01T00:00:00Z"}}`, "/job/assets/0 /job/horizon /job/not_before"},
	} {
		got := s.send("POST", "/v1/schedules", c.body, "Content-Type", "application/json")
		pointers := got.pointers()
		slices.Sort(pointers)
		if pointers = slices.Compact(pointers); got.status != http.StatusUnprocessableEntity || strings.Join(pointers, " ") != c.want {
			t.Errorf("%s: got %d %s, want faults of %s", c.body, got.status, got.body, c.want)
		}
	}
}

// The loop fires what is due by the clock of the database.
func TestSchedulesFireByThemselves(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.upload("prices", smallCSV)
	n := hourly("often")
	n.Cron = "* * * * * *"
	s.schedule(n)
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { defer close(over); s.api.Fire(ctx) }()
	t.Cleanup(func() { stop(); <-over })
	servetest.Until(t, "it has fired twice", func() bool {
		now, err := s.as(auth.Manager).Schedule(t.Context(), "often")
		return err == nil && now.Fired >= 2 && now.LastError == nil
	})
}
