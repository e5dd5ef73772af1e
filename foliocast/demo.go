package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"foliocast/foliocast/up"
	"foliocast/frontend/client"
	"foliocast/internal/cli"
	"foliocast/internal/job"
)

// demoTime bounds the whole demonstration.
const demoTime = 5 * time.Minute

// demoRanks is how many ranks the demonstration runs.
const demoRanks = 2

func (a *app) demoCommand() *cobra.Command {
	var data string
	c := &cobra.Command{
		Use: "demo", Short: "Forecast a real portfolio with the whole system, then stop it",
		Long: `Start every part of Foliocast on free ports in a temporary directory, forecast a
portfolio of four stock indices, print the forecast, and stop everything.
It leaves nothing behind.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := os.Stat(data); err != nil {
				return usagef("read the data of the demonstration: %w: name the file with --data", err)
			}
			ctx, cancel := context.WithTimeoutCause(c.Context(), demoTime, fmt.Errorf("the demonstration took longer than %s", demoTime))
			defer cancel()
			err := a.demo(ctx, data)
			if errors.Is(err, context.DeadlineExceeded) && c.Context().Err() == nil {
				return context.Cause(ctx)
			}
			return err
		},
	}
	c.Flags().StringVar(&data, "data", "docs/data/eustockmarkets.csv", "CSV file of prices")
	return c
}

// demo runs the whole demonstration. It cleans up, however it ends.
func (a *app) demo(ctx context.Context, data string) error {
	dir, err := os.MkdirTemp("", "foliocast-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ports, err := up.FreePorts()
	if err != nil {
		return err
	}
	begin := time.Now()
	say := func(s string) { a.note("%6.1f s  %s", time.Since(begin).Seconds(), s) }
	say(fmt.Sprintf("starting PostgreSQL, three services and mpirun -np %d", demoRanks))
	state := filepath.Join(dir, "state")
	cluster, err := up.Start(ctx, up.Config{State: state, NP: demoRanks, Ports: ports, Throwaway: true, Version: cli.Version(), Say: say})
	if err != nil {
		return err
	}
	defer func() {
		say("stopping everything")
		cluster.Stop()
		say("stopped: nothing is left behind")
	}()
	guest := a.guest(dir, cluster.Run())
	answer, err := guest.portfolio(ctx, state, data, say)
	if err != nil {
		return err
	}
	return a.show(answer, func(w io.Writer) { printAnswer(w, answer) })
}

// guest is this program with the demonstration's addresses and a session of
// its own.
func (a *app) guest(dir string, run up.Run) *app {
	settings := map[string]string{"XDG_CONFIG_HOME": dir,
		"FOLIOCAST_URL": run.URL("frontend"), "FOLIOCAST_AUTH_URL": run.URL("authsvc"), "FOLIOCAST_QUEUE_URL": run.URL("queue")}
	return &app{in: a.in, out: a.out, err: a.err, version: a.version, json: a.json, env: func(name string) string { return settings[name] }}
}

// portfolio does what a person would: sign in, add the data, submit, wait.
func (a *app) portfolio(ctx context.Context, state, data string, say func(string)) (job.Answer, error) {
	admin, err := up.ReadAdmin(state)
	if err != nil {
		return job.Answer{}, err
	}
	who, err := a.login(ctx, admin.Username, admin.Password, admin.Device)
	if err != nil {
		return job.Answer{}, err
	}
	say("signed in as " + who.Username)
	s, err := a.services()
	if err != nil {
		return job.Answer{}, err
	}
	file, err := os.Open(data)
	if err != nil {
		return job.Answer{}, err
	}
	defer file.Close()
	d, err := s.frontend.UploadDataset(ctx, "eustockmarkets", file, mediaType("csv"), client.Reading{})
	if err != nil {
		return job.Answer{}, err
	}
	say(fmt.Sprintf("uploaded %s: %d assets, %d values, %s to %s", filepath.Base(data), d.Audit.Assets, d.Audit.Values, d.Audit.From, d.Audit.To))
	j, err := submit(ctx, s.frontend, "demo", job.Spec{Dataset: d.Name, Assets: []string{"*"}, Model: "auto", Horizon: 5, Levels: []float64{80, 95}})
	if err != nil {
		return job.Answer{}, err
	}
	say("submitted job " + string(j.ID) + ": all assets, equal weights, model auto, 5 steps, levels 80 and 95")
	j, err = watch(ctx, s.frontend, j.ID, a.progress(false))
	if err != nil {
		return job.Answer{}, err
	}
	say(fmt.Sprintf("the job is %s", j.State))
	if j.State != job.Done {
		return job.Answer{}, &jobEnded{job: j}
	}
	return s.frontend.Answer(ctx, j.ID)
}
