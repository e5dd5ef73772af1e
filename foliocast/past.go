package foliocast

import (
	"context"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/report"
)

// pastOf finds the values before the forecast of a job.
func pastOf(ctx context.Context, c *client.Client, j job.Job) report.Past {
	return report.PastFrom(func(asset string) ([]string, []float64, string, error) {
		h, err := c.History(ctx, j.ID, asset, report.PastSteps(j.Spec.Horizon))
		return h.DS, h.Y, h.Note, err
	})
}
