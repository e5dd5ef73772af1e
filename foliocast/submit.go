package foliocast

import (
	"context"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

func (a *app) jobSubmit() *cobra.Command {
	var f specFlags
	var key string
	var wait bool
	c := &cobra.Command{
		Use: "submit", Short: "Submit a job",
		Long: `Submit a job: forecast some assets of a dataset, and print the job's id. With --wait
the id goes to standard error, and the forecast to standard output when the job
ends. An interrupt ends the wait, not the job: foliocast job watch waits again.

  foliocast job submit --dataset prices --assets DAX,FTSE --horizon 5 --wait
  foliocast job submit --dataset prices --assets '*' --horizon 5 --kind backtest --origins 12 --models auto,naive --wait`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if strings.ContainsFunc(key, unicode.IsControl) {
				return usagef("--idempotency-key must be one line, is %q", key)
			}
			spec, err := f.read(job.Spec{}, a.stdin(c.Context()))
			if err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			if err := jobIDs(c.Context(), s.frontend, spec.After, spec.AfterAny); err != nil {
				return err
			}
			if key == "" {
				key = uuid.NewString()
			}
			var j job.Job
			err = a.traced(c.Context(), "foliocast job submit", func(ctx context.Context) (err error) {
				j, err = submit(ctx, s.frontend, key, spec)
				return err
			})
			if err != nil {
				return err
			}
			if wait {
				a.say(a.err, note{Note: "submitted job " + string(j.ID), Job: j.ID})
				return a.follow(c.Context(), s.frontend, j.ID, false)
			}
			return a.show(j, func(w io.Writer) { line(w, "%s", j.ID) })
		},
	}
	f.register(c.Flags())
	c.Flags().StringVar(&key, "idempotency-key", "", "a second submission with the same `key` returns the first job (default a new key)")
	c.Flags().BoolVar(&wait, "wait", false, "wait until the job ends, and show its forecast")
	return c
}

const (
	submitLimit = 3 * time.Second // how long the data service may be unreachable
	submitPause = 300 * time.Millisecond
)

// submit creates a job. While the service is being restarted and does not
// answer, it sends the request again. The key stays the same, so that at
// most one job is created.
func submit(ctx context.Context, c *client.Client, key string, spec job.Spec) (job.Job, error) {
	return patiently(ctx, submitPause, submitLimit, func() (job.Job, error) {
		j, err := c.CreateJob(ctx, spec, key)
		return j.Job, err
	})
}

func (a *app) jobUpdate() *cobra.Command {
	var f specFlags
	c := &cobra.Command{
		Use: "update JOB", Short: "Change a job that is still queued",
		Long: "Change a job that is still queued. Fields that no flag names keep their values.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			old, err := s.frontend.Job(c.Context(), id)
			if err != nil {
				return err
			}
			spec, err := f.read(old.Spec, a.stdin(c.Context()))
			if err != nil {
				return err
			}
			if err := jobIDs(c.Context(), s.frontend, spec.After, spec.AfterAny); err != nil {
				return err
			}
			j, err := s.frontend.UpdateJob(c.Context(), id, old.ETag, spec)
			if err != nil {
				return err
			}
			return a.record(j.Job, jobRecord(j.Job))
		},
	}
	f.register(c.Flags())
	return c
}
