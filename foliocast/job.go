package foliocast

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
	"foliocast/internal/job"
)

func (a *app) jobCommand() *cobra.Command {
	return cli.Group("job", "Submit jobs and show their forecasts",
		a.jobSubmit(), tabular(a.jobList()), tabular(a.jobShow()), a.jobWatch(), tabular(a.jobTrace()), tabular(a.jobUsage()), tabular(a.jobUpdate()), a.jobCancel(), a.jobRetry(), a.jobRemove(), a.jobResult(), a.jobReport(), a.jobPlot())
}

func (a *app) jobShow() *cobra.Command {
	return &cobra.Command{
		Use: "show JOB", Short: "Show one job", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			j, err := s.frontend.Job(c.Context(), id)
			if err != nil {
				return err
			}
			return a.record(j.Job, jobRecord(j.Job))
		},
	}
}

// jobRecord has everything about a job.
func jobRecord(j job.Job) sheet {
	fault := ""
	if j.Error != nil {
		fault = j.Error.Detail
	}
	var season, levels, quantiles, risk, bands []string
	for _, m := range j.Spec.Season {
		season = append(season, strconv.Itoa(m))
	}
	for _, l := range j.Spec.Levels {
		levels = append(levels, job.Level(l))
	}
	for _, p := range j.Spec.Quantiles {
		quantiles = append(quantiles, job.Quantile(p))
	}
	for _, l := range j.Spec.Risk {
		risk = append(risk, job.Level(l))
	}
	for _, l := range j.Spec.Bands {
		bands = append(bands, job.Level(l))
	}
	yes := map[bool]string{true: "yes"}
	model, origins := j.Spec.Model, ""
	if j.Spec.Backtest() {
		model, origins = "", strconv.Itoa(j.Spec.Origins) // its models are listed
	}
	rates := j.Spec.Rates
	if j.Rates != nil {
		rates = datasetText(*j.Rates)
	}
	return recordOf("job", j.ID, "state", j.State, "waiting for", j.WaitingFor, "in the line", placeText(j.Place), "done", share(j.Progress), "error", fault,
		"dataset", datasetText(j.Dataset), "assets", strings.Join(j.Spec.Assets, ", "),
		"kind", j.Spec.Kind, "origins", origins, "models", strings.Join(j.Spec.Models, ", "), "model", model,
		"horizon", j.Spec.Horizon, "freq", j.Spec.Freq, "season", strings.Join(season, ", "),
		"levels", strings.Join(levels, ", "), "quantiles", strings.Join(quantiles, ", "), "risk", strings.Join(risk, ", "), "bands", strings.Join(bands, ", "), "bands over", j.Spec.BandsOver,
		"covariance", j.Spec.Covariance, "paths", unlessZero(j.Spec.Paths), "seed", unlessZero(j.Spec.Seed), "scenarios", scenarioList(j.Spec.Scenarios), "benchmark", j.Spec.Benchmark, "point", j.Spec.Point,
		"integers", yes[j.Spec.Integers], "explain", yes[j.Spec.Explain], "combine", j.Spec.Combine, "base", j.Spec.Base, "rates", rates, "x", strings.Join(j.Spec.X, ", "),
		"from", j.Spec.From, "to", j.Spec.To, "as of", j.Spec.AsOf, "stale", j.Spec.Stale, "missing", j.Spec.Missing,
		"resample", j.Spec.Resample, "on error", j.Spec.OnError,
		"not before", j.Spec.NotBefore, "after", idList(j.Spec.After), "after any", idList(j.Spec.AfterAny), "priority", j.Spec.Priority, "owner", j.Owner, "batch", j.Batch, "created", j.CreatedAt, "started", j.StartedAt, "ended", j.EndedAt,
		"failed attempts", j.Attempts)
}

// scenarioList are scenarios as flags have them.
func scenarioList(all []job.Scenario) string {
	var texts []string
	for _, c := range all {
		var shocks []string
		for _, asset := range slices.Sorted(maps.Keys(c.Shocks)) {
			shocks = append(shocks, fmt.Sprintf("%s=%v", asset, c.Shocks[asset]))
		}
		texts = append(texts, c.Name+":"+strings.Join(shocks, ","))
	}
	return strings.Join(texts, "; ")
}

// unlessZero is a number that is absent when it is 0.
func unlessZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// placeText says how many jobs are before a queued one.
func placeText(p *job.Place) string {
	if p == nil {
		return ""
	}
	text := fmt.Sprintf("%d before it", p.Ahead)
	if p.StartsAt != nil {
		text += ", may start at " + when(*p.StartsAt)
	}
	return text
}

// idList is a list of jobs as one line.
func idList(ids []job.ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return strings.Join(texts, ", ")
}

func (a *app) jobCancel() *cobra.Command {
	return &cobra.Command{
		Use: "cancel JOB", Short: "Cancel a job that has not ended", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			j, err := s.frontend.CancelJob(c.Context(), id)
			if err != nil {
				return err
			}
			return a.show(j.Job, func(w io.Writer) {
				if j.State.Final() {
					line(w, "job %s is %s", j.ID, j.State)
				} else {
					line(w, "job %s is being cancelled: its worker will stop it", j.ID)
				}
			})
		},
	}
}

func (a *app) jobRetry() *cobra.Command {
	return &cobra.Command{
		Use: "retry JOB", Short: "Retry a job that failed, died or was cancelled", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.services()
			if err != nil {
				return err
			}
			id, err := jobID(c.Context(), s.frontend, args[0])
			if err != nil {
				return err
			}
			j, err := s.frontend.RetryJob(c.Context(), id)
			if err != nil {
				return err
			}
			return a.show(j.Job, func(w io.Writer) { line(w, "job %s is %s", j.ID, j.State) })
		},
	}
}
