package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

func (a *app) jobCommand() *cobra.Command {
	return group("job", "Submit jobs and show their forecasts",
		a.jobSubmit(), a.jobList(), a.jobShow(), a.jobWatch(), a.jobUpdate(), a.jobCancel(), a.jobRetry(), a.jobResult())
}

func (a *app) jobList() *cobra.Command {
	var filter client.JobFilter
	var states []string
	var limit int
	c := &cobra.Command{
		Use: "list", Short: "List the jobs, the newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return usagef("--limit must be at least 1, is %d", limit)
			}
			var err error
			if filter.States, err = readStates(states); err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			jobs := []job.Job{}
			for j, err := range s.frontend.Jobs(c.Context(), filter) {
				if err != nil {
					return err
				}
				if jobs = append(jobs, j); len(jobs) == limit {
					break
				}
			}
			return a.show(map[string]any{"items": jobs}, func(w io.Writer) { jobTable(w, jobs...) })
		},
	}
	c.Flags().StringSliceVar(&states, "status", nil, "only jobs in these states, as in queued,running")
	c.Flags().StringVar(&filter.Dataset, "dataset", "", "only jobs about this dataset, any version")
	c.Flags().StringVar(&filter.Owner, "owner", "", "only jobs of this user")
	c.Flags().IntVar(&limit, "limit", 50, "jobs at most")
	return c
}

// readStates checks names of states.
func readStates(names []string) ([]job.State, error) {
	var states []job.State
	for _, n := range names {
		s := job.State(strings.TrimSpace(n))
		if !s.Valid() {
			return nil, usagef("%q is no state of a job: it must be queued, running, done, partial, failed, cancelled or dead", n)
		}
		states = append(states, s)
	}
	return states, nil
}

func jobTable(w io.Writer, jobs ...job.Job) {
	var rows [][]string
	for _, j := range jobs {
		rows = append(rows, []string{string(j.ID), string(j.State), percent(j.Progress), specText(j.Spec), j.Owner, when(j.CreatedAt), took(j)})
	}
	table(w, []texttable.Column{texttable.Left("JOB"), texttable.Left("STATE"), texttable.Right("DONE"), texttable.Left("WHAT"), texttable.Left("OWNER"), texttable.Left("CREATED"), texttable.Right("TOOK")}, rows)
}

func percent(share float64) string { return strconv.Itoa(int(100*share)) + "%" }

// took is how long a job took from its creation to its end; "" before that.
func took(j job.Job) string {
	if j.EndedAt == nil {
		return ""
	}
	return j.EndedAt.Sub(j.CreatedAt).Round(10 * time.Millisecond).String()
}

func (a *app) jobShow() *cobra.Command {
	return &cobra.Command{
		Use: "show JOB", Short: "Show one job", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			j, err := s.frontend.Job(c.Context(), job.ID(args[0]))
			if err != nil {
				return err
			}
			return a.show(j.Job, func(w io.Writer) { printJob(w, j.Job) })
		},
	}
}

// printJob prints everything about a job.
func printJob(w io.Writer, j job.Job) {
	fault := ""
	if j.Error != nil {
		fault = j.Error.Detail
	}
	started, ended := "", ""
	if j.StartedAt != nil {
		started = when(*j.StartedAt)
	}
	if j.EndedAt != nil {
		ended = when(*j.EndedAt)
	}
	var season, levels []string
	for _, m := range j.Spec.Season {
		season = append(season, strconv.Itoa(m))
	}
	for _, l := range j.Spec.Levels {
		levels = append(levels, job.Level(l))
	}
	fields(w, "job", string(j.ID), "state", string(j.State), "done", percent(j.Progress), "error", fault,
		"dataset", fmt.Sprintf("%s@%d", j.Dataset.Name, j.Dataset.Version), "assets", strings.Join(j.Spec.Assets, ", "),
		"model", j.Spec.Model, "horizon", strconv.Itoa(j.Spec.Horizon), "freq", j.Spec.Freq, "season", strings.Join(season, ", "),
		"levels", strings.Join(levels, ", "), "from", j.Spec.From, "to", j.Spec.To, "on error", string(j.Spec.OnError),
		"priority", strconv.Itoa(j.Spec.Priority), "owner", j.Owner, "created", when(j.CreatedAt), "started", started, "ended", ended,
		"attempts", strconv.Itoa(j.Attempts))
}

func (a *app) jobCancel() *cobra.Command {
	return &cobra.Command{
		Use: "cancel JOB", Short: "Cancel a job that has not ended", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			j, err := s.frontend.CancelJob(c.Context(), job.ID(args[0]))
			if err != nil {
				return err
			}
			return a.show(j.Job, func(w io.Writer) {
				if j.State.Final() {
					line(w, "job %s is %s", j.ID, j.State)
				} else {
					line(w, "job %s will be cancelled: its worker is told", j.ID)
				}
			})
		},
	}
}

func (a *app) jobRetry() *cobra.Command {
	return &cobra.Command{
		Use: "retry JOB", Short: "Queue a job again that failed, died or was cancelled", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			j, err := s.frontend.RetryJob(c.Context(), job.ID(args[0]))
			if err != nil {
				return err
			}
			return a.show(j.Job, func(w io.Writer) { line(w, "job %s is %s", j.ID, j.State) })
		},
	}
}
