package foliocast

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"foliocast/frontend/client"
	"foliocast/internal/cli"
	"foliocast/internal/job"
)

func (a *app) scheduleCommand() *cobra.Command {
	return cli.Group("schedule", "Submit jobs at certain times", tabular(a.scheduleAdd()), tabular(a.scheduleList()), tabular(a.scheduleShow()), tabular(a.scheduleUpdate()),
		tabular(a.schedulePause("pause", "Pause a schedule: it does not fire, and what it misses is not made up for", true)),
		tabular(a.schedulePause("resume", "Let a paused schedule go on", false)), a.scheduleRemove())
}

// planFlags are the flags that describe a schedule, beside those of its job.
type planFlags struct {
	spec                    specFlags
	cron, at, zone, catchUp string
}

func (f *planFlags) register(set *pflag.FlagSet) {
	f.spec.register(set)
	_ = set.MarkHidden("not-before") // the service refuses these in a schedule
	_ = set.MarkHidden("after")
	_ = set.MarkHidden("after-any")
	set.StringVar(&f.cron, "cron", "", "`times` to fire, as cron writes them: '0 18 * * MON-FRI', or @daily")
	set.StringVar(&f.at, "at", "", "the one `time` to fire: as in 2030-01-31T18:00:00+01:00, or a duration from now like 90m")
	set.StringVar(&f.zone, "zone", "", "`zone` of the times in --cron, as in Europe/Berlin (default UTC)")
	set.StringVar(&f.catchUp, "catch-up", "", "`policy` for firings that were missed: skip, last or all (default last)")
}

// read returns base with the changes of the flags that were given.
func (f *planFlags) read(base job.Plan, in io.Reader) (job.Plan, error) {
	plan, set := base, f.spec.set
	var err error
	if plan.Job, err = f.spec.read(base.Job, in); err != nil {
		return plan, err
	}
	if set.Changed("cron") {
		plan.Cron, plan.At = f.cron, time.Time{}
	}
	if set.Changed("at") {
		if plan.At, err = readInstant("at", f.at); err != nil {
			return plan, err
		}
		if !set.Changed("cron") {
			plan.Cron = ""
		}
	}
	if set.Changed("zone") {
		plan.Zone = f.zone
	}
	if set.Changed("catch-up") {
		plan.CatchUp = job.CatchUp(f.catchUp)
	}
	return plan, nil
}

func (a *app) scheduleAdd() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use: "add NAME", Short: "Submit a job at certain times, as yourself",
		Example: "  foliocast schedule add nightly --cron '0 18 * * MON-FRI' --zone Europe/Berlin --dataset prices --assets '*' --horizon 5",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			plan, err := f.read(job.Plan{}, a.stdin(c.Context()))
			if err != nil {
				return err
			}
			return a.withSchedule(func(s *client.Client) (client.ScheduleSnapshot, error) {
				return s.CreateSchedule(c.Context(), client.NewSchedule{Name: args[0], Plan: plan})
			})
		},
	}
	f.register(c.Flags())
	return c
}

// withSchedule calls the data service, and shows the schedule that it answers.
func (a *app) withSchedule(call func(*client.Client) (client.ScheduleSnapshot, error)) error {
	s, err := a.services()
	if err != nil {
		return err
	}
	one, err := call(s.frontend)
	if err != nil {
		return err
	}
	return a.record(one.Schedule, scheduleRecord(one.Schedule))
}

func scheduleRecord(s job.Schedule) sheet {
	fault := ""
	if s.LastError != nil {
		fault = when(s.LastError.At) + ": " + s.LastError.Detail
	}
	return recordOf("schedule", s.Name, "what", specText(s.Job.Brief()), "cron", s.Cron, "at", s.At, "zone", s.Zone, "catch up", s.CatchUp,
		"paused", map[bool]string{true: "yes"}[s.Paused], "because", s.PausedReason, "owner", s.Owner, "next", s.NextAt, "last", s.LastAt,
		"last job", s.LastJob, "last error", fault, "jobs", s.Fired)
}

func (a *app) scheduleList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the schedules", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			all, err := s.frontend.Schedules(c.Context())
			if err != nil {
				return err
			}
			return a.list(map[string]any{"items": append([]job.Schedule{}, all...)}, scheduleSheet(all))
		},
	}
}

func scheduleSheet(all []job.Schedule) sheet {
	s := newSheet("schedule,cron,zone,what,owner,next,last,last error", "at,catch up,last job,jobs")
	for _, one := range all {
		var next any = one.NextAt
		if one.Paused {
			next = status("paused")
		}
		fault := ""
		if one.LastError != nil {
			fault = one.LastError.Code
		}
		s.add(one.Name, one.Cron, one.Zone, specText(one.Job.Brief()), one.Owner, next, one.LastAt, fault, one.At, one.CatchUp, one.LastJob, one.Fired)
	}
	return s
}

func (a *app) scheduleShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show a schedule", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withSchedule(func(s *client.Client) (client.ScheduleSnapshot, error) { return s.Schedule(c.Context(), args[0]) })
		},
	}
}

func (a *app) scheduleUpdate() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use: "update NAME", Short: "Change a schedule, which then submits as yourself",
		Long: "Change a schedule, which then submits as yourself. Fields that no flag names keep their values.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.changeSchedule(c.Context(), args[0], func(p job.Plan) (job.Plan, error) { return f.read(p, a.stdin(c.Context())) })
		},
	}
	f.register(c.Flags())
	return c
}

func (a *app) schedulePause(use, short string, paused bool) *cobra.Command {
	return &cobra.Command{
		Use: use + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.changeSchedule(c.Context(), args[0], func(p job.Plan) (job.Plan, error) { p.Paused = paused; return p, nil })
		},
	}
}

// changeSchedule replaces the plan of a schedule by what change makes of it.
func (a *app) changeSchedule(ctx context.Context, name string, change func(job.Plan) (job.Plan, error)) error {
	return a.withSchedule(func(s *client.Client) (client.ScheduleSnapshot, error) {
		old, err := s.Schedule(ctx, name)
		if err != nil {
			return old, err
		}
		plan, err := change(old.Plan)
		if err != nil {
			return old, err
		}
		return s.UpdateSchedule(ctx, name, old.ETag, plan)
	})
}

func (a *app) scheduleRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Remove a schedule; its jobs stay", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			if err := s.frontend.RemoveSchedule(c.Context(), args[0]); err != nil {
				return err
			}
			return a.show(map[string]string{"removed": args[0]}, func(w io.Writer) { line(w, "removed %s", args[0]) })
		},
	}
}
