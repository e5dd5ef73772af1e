package main

import (
	"context"
	"errors"

	"foliocast/frontend/client"
	"foliocast/internal/chart"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/report"
)

// pastOf finds the values before the forecast of a job. Where the data are gone, the forecast is shown without them.
func pastOf(ctx context.Context, c *client.Client, j job.Job) report.Past {
	last := report.PastSteps(j.Spec.Horizon)
	return func(asset string) (chart.Series, string, error) {
		h, err := c.History(ctx, j.ID, asset, last)
		if p, ok := errors.AsType[*problem.Problem](err); ok && (p.Kind() == problem.NotFound || p.Kind() == problem.Conflict) {
			return chart.Series{}, p.Detail, nil
		}
		return chart.Series{Times: chart.ParseTimes(h.DS), Values: h.Y}, h.Note, err
	}
}
