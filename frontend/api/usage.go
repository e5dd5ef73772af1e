package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
)

func (a *API) registerUsage(api huma.API) {
	operation(a, api, huma.Operation{Method: http.MethodGet, Path: "/v1/usage", OperationID: "list-usage",
		Summary: "List what the jobs of each owner took",
		Description: "Core-seconds that ranks spent reading values and fitting, of the runs that ended in a period, by owner. They stay when jobs are removed. " +
			"A run that found all of its answers in a cache took none, and neither did one whose answer does not say."}, auth.JobsRead, requestTime, a.usage)
}

type usageInput struct {
	From   string `query:"from" maxLength:"10" example:"2026-12-01" doc:"The first day, in UTC; by default 29 days before the last"`
	To     string `query:"to" maxLength:"10" example:"2026-12-31" doc:"The last day, in UTC; by default today"`
	Cursor string `query:"cursor" maxLength:"200" doc:"The field next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// usageDays is how many days are listed by default.
const usageDays = 30

// days returns the first day, and the day after the last.
func (in usageInput) days(now time.Time) (from, before time.Time, err error) {
	day := func(text, name string, or time.Time) (time.Time, error) {
		if text == "" {
			return or, nil
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil || t.Year() < 1 {
			return t, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: name, Detail: "must be a day such as 2026-12-31"})
		}
		return t, nil
	}
	last, err := day(in.To, "to", now.UTC().Truncate(24*time.Hour))
	if err != nil {
		return from, before, err
	}
	if from, err = day(in.From, "from", last.AddDate(0, 0, 1-usageDays)); err != nil {
		return from, before, err
	}
	if from.After(last) {
		return from, before, problem.New(problem.Invalid, "the request has faults", problem.Fault{Pointer: "from", Detail: "must not be after to"})
	}
	return from, last.AddDate(0, 0, 1), nil
}

func (a *API) usage(ctx context.Context, b *Backend, in *usageInput) (*bodied[client.UsagePage], error) {
	from, before, err := in.days(time.Now())
	if err != nil {
		return nil, err
	}
	all, err := b.Store.Usage(ctx, from, before, in.Cursor, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := client.UsagePage{From: from.Format(time.DateOnly), To: before.AddDate(0, 0, -1).Format(time.DateOnly), Owners: []client.Usage{}}
	for i, u := range all {
		if i == in.Limit {
			page.Next = all[i-1].Subject
			break
		}
		page.Owners = append(page.Owners, client.Usage{Subject: u.Subject, Owner: u.Owner, Runs: u.Runs, CoreSeconds: u.CoreSeconds})
	}
	return &bodied[client.UsagePage]{page}, nil
}
