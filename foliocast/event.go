package foliocast

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/job"
)

func (a *app) eventsCommand() *cobra.Command {
	var f client.EventFilter
	states := stateFilter{dir: &a.where.state}
	var batch string
	var after int64
	var most int
	c := &cobra.Command{
		Use: "events", Short: "Show what happens to jobs, datasets and schedules, as it happens", Args: cobra.NoArgs,
		Long: `Show what happens to jobs, datasets and schedules, as it happens, until it is interrupted. With --json or
--output csv, each event is one line. When the connection breaks, it goes on where it was. As in job list, --state
names states of jobs; a value with a slash in it is the state directory.`,
		Example: "  foliocast events --state failed,dead --json\n  foliocast events --after 0 --kind job --count 10",
		RunE: func(c *cobra.Command, _ []string) error {
			for _, k := range f.Kinds {
				if !slices.Contains([]string{job.JobEvents, job.DatasetEvents, job.ScheduleEvents}, k) {
					return usagef("--kind %q is not a kind of events: it must be job, dataset or schedule", k)
				}
			}
			var err error
			if f.States, err = readStates(states.names); err != nil {
				return err
			}
			if after < client.FromNow || most < 0 {
				return usagef("--after and --count must not be negative")
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			if f.Batch, err = batchID(c.Context(), s.frontend, batch); err != nil {
				return err
			}
			return a.tail(c, s.frontend, f, after, most)
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&f.Kinds, "kind", nil, "only events about jobs, datasets or schedules: job, dataset, schedule")
	flags.Var(&states, "state", "of jobs, only the events by which one enters one of these `states`, as in failed,dead")
	flags.StringVar(&f.Owner, "owner", "", "only events of this user's jobs, datasets and schedules")
	flags.StringVar(&f.Dataset, "dataset", "", "only events of this dataset and of jobs on it")
	flags.StringVar(&batch, "batch", "", "only events of jobs of this batch")
	flags.Int64Var(&after, "after", client.FromNow, "begin after the event with this `id`; 0 begins with the oldest that is kept")
	flags.IntVar(&most, "count", 0, "end after so many events")
	return c
}

// tail prints events until the caller is interrupted, or most were printed, unless that is 0.
func (a *app) tail(c *cobra.Command, from *client.Client, f client.EventFilter, after int64, most int) error {
	out := &checked{w: a.out}
	var table csvWriter
	if a.format == asCSV {
		table, out.err = newSheet("id,at,type,owner,job,run,batch,dataset,version,schedule,done,error", "").csv(a.out)
	}
	n := 0
	for e, err := range from.Events(c.Context(), f, after) {
		if reset, ok := errors.AsType[*client.Reset](err); ok {
			a.note("%s", reset.Detail)
			continue
		}
		if err != nil {
			return err
		}
		switch {
		case a.json:
			jsonLine(out, e)
		case a.format == asCSV:
			out.err = table.add(eventRow(e))
		default:
			line(out, "%s", eventLine(e))
		}
		if n++; out.err != nil || n == most {
			break
		}
	}
	return out.err
}

// eventRow is an event as a row of CSV.
func eventRow(e job.LogEvent) []any {
	fault := ""
	if e.Error != nil {
		fault = e.Error.Detail
	}
	return []any{e.ID, e.At, e.Type, e.Owner, e.Job, e.Run, e.Batch, e.Dataset, e.Version, e.Schedule, share(e.Progress), fault}
}

// eventLine is an event as a line of text.
func eventLine(e job.LogEvent) string {
	about := string(e.Job)
	switch {
	case e.Schedule != "":
		about = "schedule " + e.Schedule
		if e.Job != "" {
			about += " job " + string(e.Job)
		}
	case e.Job == "":
		about = fmt.Sprintf("dataset %s@%d", e.Dataset, e.Version)
	}
	return fmt.Sprintf("%d  %s  %-9s  %s  %s", e.ID, when(e.At), e.Owner, about, eventWords(e))
}

// eventWords says what has happened.
func eventWords(e job.LogEvent) string {
	_, what, _ := strings.Cut(string(e.Type), ".")
	switch {
	case e.Type == job.EventProgress:
		what = fmt.Sprintf("running, %.0f %%", 100*e.Progress)
	case e.Error != nil:
		what += ": " + e.Error.Detail
	}
	if e.Run > 1 {
		what += fmt.Sprintf(" (run %d)", e.Run)
	}
	return what
}
