package foliocast

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

func (a *app) jobWatch() *cobra.Command {
	return &cobra.Command{
		Use: "watch JOB", Short: "Show how far a job is until it ends, and then its forecast", Args: cobra.ExactArgs(1),
		Long: `Show how far a job is until it ends, and then its forecast: with a bar on a terminal, otherwise with a line on
standard error for each change.`,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			return a.follow(c.Context(), s.frontend, id, true)
		},
	}
}

// follow waits for the end of a job and shows its forecast. A job without one
// is a *jobEnded. Lines says whether its events are lines where there is no terminal.
func (a *app) follow(ctx context.Context, c *client.Client, id job.ID, lines bool) error {
	err := a.showEnd(ctx, c, id, lines)
	if err != nil && ctx.Err() != nil {
		return &interrupted{job: id, advice: fmt.Sprintf("Job %s is not affected. Wait for it again with: foliocast job watch %s%s", id, id, a.where.args())}
	}
	return err
}

func (a *app) showEnd(ctx context.Context, c *client.Client, id job.ID, lines bool) error {
	j, err := watch(ctx, c, id, a.progress(lines))
	if err != nil {
		return err
	}
	if j.State != job.Done && j.State != job.Partial {
		if a.json {
			return a.shown(j, &jobEnded{job: j})
		}
		return &jobEnded{job: j}
	}
	answer, err := c.Answer(ctx, id)
	if err != nil {
		return err
	}
	return a.show(answer, func(w io.Writer) { printAnswer(w, answer) })
}

// shown prints v as JSON, and returns err.
func (a *app) shown(v any, err error) error {
	if fault := a.show(v, func(io.Writer) {}); fault != nil {
		return fault
	}
	return err
}
