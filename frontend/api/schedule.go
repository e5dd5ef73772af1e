package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/frontend/schedule"
	"foliocast/frontend/store"
	"foliocast/internal/auth"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

func (a *API) registerSchedules(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodPost, Path: "/v1/schedules", OperationID: "create-schedule",
		Summary:      "Submit a job at certain times",
		MaxBodyBytes: maxJob, BodyReadTimeout: requestTime, DefaultStatus: http.StatusCreated}, auth.JobsWrite, requestTime, a.createSchedule)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/schedules", OperationID: "list-schedules",
		Summary: "List schedules by name"}, auth.JobsRead, requestTime, a.schedules)
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/schedules/{name}", OperationID: "show-schedule",
		Summary: "Show a schedule"}, auth.JobsRead, requestTime, a.schedule)
	operation(a, api, huma.Operation{Method: http.MethodPut, Path: "/v1/schedules/{name}", OperationID: "update-schedule",
		Summary:      "Replace the plan of a schedule",
		Description:  "Needs If-Match with the entity tag that the caller saw. The schedule then acts for the caller.",
		MaxBodyBytes: maxJob, BodyReadTimeout: requestTime}, auth.JobsWrite, requestTime, a.updateSchedule)
	remove := huma.Operation{Method: http.MethodDelete, Path: "/v1/schedules/{name}", OperationID: "remove-schedule",
		Summary: "Remove a schedule", Description: "The jobs that it has submitted stay.", DefaultStatus: http.StatusNoContent}
	operation(a, api, remove, auth.JobsWrite, requestTime, a.removeSchedule)
}

// ScheduleRef names a schedule in the path. It is exported for the router.
type ScheduleRef struct {
	Name string `path:"name" pattern:"^[a-z0-9][a-z0-9._-]{0,63}$" patternDescription:"a name of a-z 0-9 . _ -" doc:"The schedule's name"`
}

// scheduleAnswer is a schedule with its entity tag.
type scheduleAnswer struct {
	Status   int
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     job.Schedule
}

func scheduleAnswerOf(s store.Schedule, status int) *scheduleAnswer {
	return &scheduleAnswer{Status: status, ETag: etag(s.Version), Location: "/v1/schedules/" + s.Name, Body: s.Schedule}
}

// planned is a checked plan.
type planned struct {
	failed error
}

// examine checks a plan and its job against the newest version of the dataset. Each firing
// checks the job again.
func (p *planned) examine(ctx context.Context, plan *job.Plan) []error {
	b := apiOf(ctx).backend.Load()
	if b == nil {
		return nil // the operation answers that the service is not ready
	}
	*plan = plan.Defaulted()
	faults := planFaults(*plan)
	checked := Checked{Body: plan.Job}
	checked.examine(ctx, b)
	if p.failed = checked.failed; p.failed != nil {
		return nil
	}
	for _, f := range checked.faults {
		faults = append(faults, problem.Fault{Pointer: "/job" + f.Pointer, Detail: f.Detail})
	}
	return report(faults)
}

// planFaults checks when a plan fires.
func planFaults(p job.Plan) []problem.Fault {
	var faults []problem.Fault
	zone, err := time.LoadLocation(p.Zone)
	if err != nil || p.Zone == "Local" {
		faults = problem.Addf(faults, "/zone", "must be the name of a zone, as in Europe/Berlin, is %q", p.Zone)
		zone = time.UTC
	}
	switch {
	case (p.Cron == "") == p.At.IsZero():
		faults = problem.Addf(faults, "/cron", "must say when to fire, or at must, but not both")
	case p.Cron != "":
		rule, err := schedule.Parse(p.Cron, zone)
		switch {
		case err != nil:
			faults = problem.Addf(faults, "/cron", "%s", err)
		case rule.Next(time.Now()).IsZero():
			faults = problem.Addf(faults, "/cron", "names a time that never comes")
		}
	}
	for name, has := range map[string]bool{"not_before": !p.Job.NotBefore.IsZero(), "after": len(p.Job.After) > 0, "after_any": len(p.Job.AfterAny) > 0} {
		if has {
			faults = problem.Addf(faults, "/job/"+name, "does not belong to a schedule, which says itself when its jobs begin")
		}
	}
	return faults
}

// next is when a plan fires next, nil for never.
func next(ctx context.Context, b *Backend, p job.Plan) (*time.Time, error) {
	now, err := b.Store.Now(ctx)
	if err != nil || p.Paused {
		return nil, err
	}
	rule, err := schedule.Of(p)
	if err != nil {
		return nil, err
	}
	if !p.At.IsZero() && !p.At.After(now) {
		return nil, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "/at", Detail: "must be to come, is past"})
	}
	return orNil(rule.Next(now)), nil
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type createScheduleInput struct {
	Body client.NewSchedule
	planned
}

// Resolve checks the plan.
func (c *createScheduleInput) Resolve(ctx huma.Context) []error {
	return c.examine(ctx.Context(), &c.Body.Plan)
}

func (a *API) createSchedule(ctx context.Context, b *Backend, in *createScheduleInput) (*scheduleAnswer, error) {
	s, err := scheduleOf(ctx, b, in.Body.Name, in.Body.Plan, in.planned)
	if err != nil {
		return nil, err
	}
	if err := b.Store.CreateSchedule(ctx, s, a.limits.Schedules); err != nil {
		return nil, err
	}
	a.log.Info("new schedule", "schedule", s.Name, "owner", s.Owner)
	made, err := b.Store.Schedule(ctx, s.Name)
	return scheduleAnswerOf(made, http.StatusCreated), err
}

// scheduleOf is the schedule that the caller asks for.
func scheduleOf(ctx context.Context, b *Backend, name string, plan job.Plan, p planned) (s store.Schedule, err error) {
	who, err := caller(ctx)
	if err != nil {
		return s, err
	}
	if p.failed != nil {
		return s, p.failed
	}
	if who.Service {
		return s, problem.New(problem.Forbidden, "a schedule acts for a user, and a service account is not one")
	}
	s.Name, s.Plan, s.Owner, s.Subject = name, plan, who.Name, who.Subject
	s.NextAt, err = next(ctx, b, plan)
	return s, err
}

type schedulesInput struct {
	After string `query:"after" maxLength:"64" pattern:"^([a-z0-9][a-z0-9._-]{0,63})?$" patternDescription:"the name of a schedule" doc:"The last name of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"100"`
}

func (a *API) schedules(ctx context.Context, b *Backend, in *schedulesInput) (*bodied[client.Schedules], error) {
	all, err := b.Store.Schedules(ctx, in.After, in.Limit+1)
	page := client.Schedules{Items: []job.Schedule{}}
	if len(all) > in.Limit {
		all = all[:in.Limit]
		page.Next = all[in.Limit-1].Name
	}
	for _, s := range all {
		page.Items = append(page.Items, s.Schedule)
	}
	return &bodied[client.Schedules]{page}, err
}

func (a *API) schedule(ctx context.Context, b *Backend, in *ScheduleRef) (*scheduleAnswer, error) {
	s, err := b.Store.Schedule(ctx, in.Name)
	return scheduleAnswerOf(s, http.StatusOK), err
}

type updateScheduleInput struct {
	ScheduleRef
	Body    job.Plan
	IfMatch string `header:"If-Match" doc:"The entity tag that the caller saw"`
	planned
}

// Resolve checks the plan.
func (u *updateScheduleInput) Resolve(ctx huma.Context) []error {
	return u.examine(ctx.Context(), &u.Body)
}

func (a *API) updateSchedule(ctx context.Context, b *Backend, in *updateScheduleInput) (*scheduleAnswer, error) {
	if in.IfMatch == "" {
		return nil, problem.New(problem.PreconditionRequired, "to change a schedule, send the header If-Match with its ETag",
			problem.Fault{Pointer: "If-Match", Detail: "is required"})
	}
	old, err := b.Store.Schedule(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	if !matches(in.IfMatch, old.Version) {
		return nil, store.StaleSchedule(in.Name, old.Version)
	}
	s, err := scheduleOf(ctx, b, in.Name, in.Body, in.planned)
	if err != nil {
		return nil, err
	}
	s.Version = old.Version
	if err := b.Store.ReplaceSchedule(ctx, s); err != nil {
		return nil, err
	}
	a.log.Info("schedule changed", "schedule", s.Name, "owner", s.Owner)
	now, err := b.Store.Schedule(ctx, s.Name)
	return scheduleAnswerOf(now, http.StatusOK), err
}

func (a *API) removeSchedule(ctx context.Context, b *Backend, in *ScheduleRef) (*struct{}, error) {
	err := b.Store.RemoveSchedule(ctx, in.Name)
	if err == nil {
		a.log.Info("schedule removed", "schedule", in.Name)
	}
	return nil, err
}

// keyOf is the idempotency key of the job of one firing.
func keyOf(s store.Schedule, at time.Time) string {
	return fmt.Sprintf("schedule %s at %s", s.ID, at.UTC().Format(time.RFC3339))
}
