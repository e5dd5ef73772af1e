package foliocast

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

func (a *app) jobList() *cobra.Command {
	var filter client.JobFilter
	states := stateFilter{dir: &a.where.state}
	var limit int
	var watching bool
	c := &cobra.Command{
		Use: "list", Short: "List jobs, the newest first or in another order",
		Long: `List jobs, the newest first.

--sort lists them in another order, with a minus from the greatest to the least:
submitted, ended, dataset or duration. By end and by duration only jobs that have
ended are listed, and by duration those of all owners and datasets.

Here --state names states of jobs: queued, running, done, partial, failed,
cancelled or dead, separated by commas. A value with a slash in it is the state
directory, as in every other command. --state-dir always names the directory.

With --watch, a terminal shows the list as it changes; elsewhere, and with --json or
--output csv, each job that changes has another line. It asks only for what happened.`,
		Example: "  foliocast job list --watch --owner ann\n  foliocast job list --state failed,dead --dataset prices\n  foliocast job list --sort -duration --limit 10",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return usagef("--limit must be at least 1, is %d", limit)
			}
			if filter.Order != "" && !filter.Order.Known() {
				return usagef("--sort must be submitted, ended, dataset or duration, with or without a minus, not %q", filter.Order)
			}
			if filter.Order != "" && watching {
				return usagef("--watch shows the newest first, and takes no --sort")
			}
			var err error
			if filter.States, err = readStates(states.names); err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			if filter.Batch, err = batchID(c.Context(), s.frontend, string(filter.Batch)); err != nil {
				return err
			}
			if watching {
				w := jobsWatch{app: a, client: s.frontend, filter: filter, limit: limit}
				return w.run(c.Context())
			}
			jobs, err := listJobs(c.Context(), s.frontend, filter, limit)
			if err != nil {
				return err
			}
			return a.list(map[string]any{"items": jobs}, jobSheet(jobs))
		},
	}
	c.Flags().Var(&states, "state", "only jobs in these `states`, as in queued,running")
	c.Flags().Var(&states, "status", "")
	_ = c.Flags().MarkHidden("status") // its former name
	c.Flags().StringVar(&filter.Dataset, "dataset", "", "only jobs on this dataset, in any version")
	c.Flags().StringVar(&filter.Owner, "owner", "", "only jobs of this user")
	c.Flags().StringVar((*string)(&filter.Batch), "batch", "", "only jobs of this `batch`")
	c.Flags().StringVar((*string)(&filter.Order), "sort", "", "`order` of the jobs: submitted, ended, dataset or duration, with a minus from the greatest to the least (default -submitted)")
	c.Flags().IntVar(&limit, "limit", 50, "most jobs to list")
	c.Flags().BoolVar(&watching, "watch", false, "go on, and show what changes, until interrupted")
	return c
}

// listJobs lists the first jobs in the order of a filter, at most limit.
func listJobs(ctx context.Context, from *client.Client, f client.JobFilter, limit int) ([]job.Summary, error) {
	jobs := []job.Summary{}
	for j, err := range from.Jobs(ctx, f) {
		if err != nil {
			return nil, err
		}
		if jobs = append(jobs, j); len(jobs) == limit {
			break
		}
	}
	return jobs, nil
}

// stateFilter is the flag --state of job list. It hides the flag of the same
// name that all other commands have, and so takes a path for that one.
type stateFilter struct {
	names []string
	dir   *string // the state directory
}

// Set adds states, or sets the state directory.
func (f *stateFilter) Set(text string) error {
	if strings.Contains(text, "/") {
		*f.dir = text
	} else {
		f.names = append(f.names, strings.Split(text, ",")...)
	}
	return nil
}

func (f *stateFilter) String() string { return strings.Join(f.names, ",") }

// Type says that it takes several values.
func (f *stateFilter) Type() string { return "stateSlice" }

// readStates checks names of states.
func readStates(names []string) ([]job.State, error) {
	var states []job.State
	for _, n := range names {
		s := job.State(strings.TrimSpace(n))
		if !s.Valid() {
			return nil, usagef("%q is not a state of a job: it must be queued, running, done, partial, failed, cancelled or dead; "+
				"name a state directory with --state-dir", n)
		}
		states = append(states, s)
	}
	return states, nil
}

func jobSheet(jobs []job.Summary) sheet {
	s := newSheet("job,state,done,what,owner,created,took", "dataset,started,ended,failed attempts,batch,error")
	for _, j := range jobs {
		fault := ""
		if j.Error != nil {
			fault = j.Error.Detail
		}
		s.add(j.ID, status(stateText(j)), share(j.Progress), specText(j.Spec), j.Owner, j.CreatedAt, took(j),
			datasetText(j.Dataset), j.StartedAt, j.EndedAt, j.Attempts, j.Batch, fault)
	}
	return s
}

// stateText is the state of a job, with what holds it back.
func stateText(j job.Summary) string {
	if j.WaitingFor == job.WaitsForNothing {
		return string(j.State)
	}
	return string(j.State) + " (" + string(j.WaitingFor) + ")"
}

func percent(share float64) string { return strconv.Itoa(int(100*share)) + "%" }

// took is the time from a job's creation to its end; nothing before that.
func took(j job.Summary) any {
	if j.EndedAt == nil {
		return nil
	}
	return seconds(j.EndedAt.Sub(j.CreatedAt))
}
