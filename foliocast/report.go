package foliocast

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/report"
)

func (a *app) jobReport() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use: "report JOB", Short: "Write the result of a job as a page with pictures",
		Long: `Write the result of a job that has ended as one HTML page: the forecast with its
intervals, the risk, each asset or, for a backtest, how the models did, as pictures
and tables. The page needs no other file, no network and no script.

  foliocast job report JOB -o report.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if output == "" && terminal(a.out) {
				return usagef("name the file for the page with -o, as in -o report.html")
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			r, err := a.reportOf(c.Context(), s.frontend, id)
			if err != nil {
				return err
			}
			return a.write(output, r.Write)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "the `file` to write, as in report.html, instead of standard output")
	return c
}

// reportOf fetches what the page about a job is made of.
func (a *app) reportOf(ctx context.Context, c *client.Client, id job.ID) (report.Report, error) {
	j, answer, err := a.ended(ctx, c, id)
	if err != nil {
		return report.Report{}, err
	}
	return report.Report{Job: j, Answer: answer, Command: submitCommand(j), Past: pastOf(ctx, c, j)}, nil
}

// ended fetches a job that has ended, and its answer. A job without one is a *jobEnded.
func (a *app) ended(ctx context.Context, c *client.Client, id job.ID) (job.Job, job.Answer, error) {
	j, err := c.Job(ctx, id)
	switch {
	case err != nil:
		return job.Job{}, job.Answer{}, err
	case !j.State.Final():
		return job.Job{}, job.Answer{}, problem.Newf(problem.Conflict, "job %s has not ended, it is %s: wait for it with foliocast job watch %s", id, j.State, id)
	case j.State != job.Done && j.State != job.Partial:
		return job.Job{}, job.Answer{}, &jobEnded{job: j.Job}
	}
	answer, err := c.Answer(ctx, id)
	return j.Job, answer, err
}

// longestCommand is how many bytes of a specification are shown at most: one may name 100,000 assets.
const longestCommand = 4000

// submitCommand is the command that repeats a job at once, on the same version of its data; empty when it is too long to show.
func submitCommand(j job.Job) string {
	spec := j.Spec
	spec.Dataset = datasetText(j.Dataset)
	if j.Rates != nil {
		spec.Rates = datasetText(*j.Rates)
	}
	spec.NotBefore, spec.After, spec.AfterAny = time.Time{}, nil, nil
	text, err := json.Marshal(spec)
	if err != nil || len(text) > longestCommand {
		return ""
	}
	return "foliocast job submit --wait --file - <<'END'\n" + string(text) + "\nEND"
}
