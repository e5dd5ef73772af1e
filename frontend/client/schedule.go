package client

import (
	"context"
	"net/http"
	"net/url"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// ScheduleSnapshot is a schedule with its entity tag, which UpdateSchedule needs.
type ScheduleSnapshot struct {
	job.Schedule
	ETag string
}

// CreateSchedule adds a schedule, which acts for the caller. The error is a problem of kind
// Conflict when its name is taken.
func (c *Client) CreateSchedule(ctx context.Context, n NewSchedule) (ScheduleSnapshot, error) {
	return c.schedule(ctx, problem.Call{Method: http.MethodPost, Body: n}, "/v1/schedules")
}

// Schedule returns a schedule.
func (c *Client) Schedule(ctx context.Context, name string) (ScheduleSnapshot, error) {
	return c.schedule(ctx, problem.Call{Method: http.MethodGet}, schedulePath(name))
}

// UpdateSchedule replaces the plan of a schedule if its entity tag is still the given one. It
// then acts for the caller.
func (c *Client) UpdateSchedule(ctx context.Context, name, etag string, plan job.Plan) (ScheduleSnapshot, error) {
	return c.schedule(ctx, problem.Call{Method: http.MethodPut, Body: plan, Header: http.Header{"If-Match": {etag}}}, schedulePath(name))
}

func (c *Client) schedule(ctx context.Context, call problem.Call, path string) (ScheduleSnapshot, error) {
	var s ScheduleSnapshot
	call.Into = &s.Schedule
	header, err := c.call(ctx, call, path, 0)
	s.ETag = header.Get("ETag")
	return s, err
}

// RemoveSchedule removes a schedule. Its jobs stay.
func (c *Client) RemoveSchedule(ctx context.Context, name string) error {
	_, err := c.call(ctx, problem.Call{Method: http.MethodDelete}, schedulePath(name), 0)
	return err
}

// Schedules returns all schedules, by name.
func (c *Client) Schedules(ctx context.Context) ([]job.Schedule, error) {
	var all []job.Schedule
	for after := ""; ; {
		var page Schedules
		q := url.Values{}
		if after != "" {
			q.Set("after", after)
		}
		if _, err := c.call(ctx, problem.Call{Method: http.MethodGet, Into: &page}, "/v1/schedules"+query(q), 0); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

func schedulePath(name string) string { return "/v1/schedules/" + url.PathEscape(name) }
