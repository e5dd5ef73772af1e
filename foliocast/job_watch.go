package main

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
		Use: "watch JOB", Short: "Wait for the end of a job, and show its forecast", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			return a.follow(c.Context(), s.frontend, job.ID(args[0]))
		},
	}
}

// follow waits for the end of a job and shows its forecast. A job without one
// is a *jobEnded.
func (a *app) follow(ctx context.Context, c *client.Client, id job.ID) error {
	err := a.showEnd(ctx, c, id)
	if err != nil && ctx.Err() != nil {
		return &interrupted{job: id, advice: fmt.Sprintf("Job %s is not affected. Wait for it again with: foliocast job watch %s%s", id, id, a.where.args())}
	}
	return err
}

func (a *app) showEnd(ctx context.Context, c *client.Client, id job.ID) error {
	j, err := watch(ctx, c, id, a.bar())
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
