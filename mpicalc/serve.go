package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	authclient "foliocast/authsvc/client"
	frontend "foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/certs"
	"foliocast/internal/cli"
	"foliocast/internal/tracing"
	"foliocast/mpicalc/spmd"
	"foliocast/mpicalc/worker"
	queue "foliocast/queue/client"
)

func serveCommand(w *world) *cobra.Command {
	var flags worker.Config
	var until string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Lease jobs from the queue and forecast them",
		Args:  cobra.NoArgs,
		Long: `serve leases jobs from the message service, forecasts them on all ranks and sends the answers, until it is told to stop:
SIGUSR1 to mpirun, or SIGTERM, SIGINT or SIGUSR1 to rank 0, make it return the jobs that have not started, finish the others (within --grace), and exit with 0.
SIGTERM to mpirun itself leaves one second: too little to finish, but nothing is lost, since leases expire.

` + cli.SettingsHelp(&Config{}),
		Example: `  mpirun -np 4 --bind-to none mpicalc serve
  mpirun --bind-to none mpicalc serve --idle-timeout 2m --until 2026-01-31T18:00:00+01:00`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var config Config
			if err := errors.Join(checkServe(&flags, until), cli.Settings(&config)); err != nil {
				return err
			}
			return w.lead(func(leader *spmd.Leader) error {
				slog.SetDefault(cli.Logger("mpicalc", config.LogLevel).With("rank", 0))
				w.logPlacement()
				return config.drain(cmd.Context(), leader, flags)
			})
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&flags.Queues, "queues", nil, "`names` of the queues to lease from; all when absent")
	f.IntVar(&flags.MaxBatch, "max-batch", 256, "`jobs` held at most, 1 to 1000")
	f.BoolVar(&flags.Drain, "drain", false, "end when no job waits")
	f.DurationVar(&flags.IdleTimeout, "idle-timeout", 0, "end after this `time` without a job, like 2m; never when 0")
	f.DurationVar(&flags.Grace, "grace", 0, "once told to stop, return the jobs that do not end within this `time`, like 15s; wait for all of them when 0")
	f.StringVar(&until, "until", "", "end by this `moment`, like 2026-01-31T18:00:00+01:00; a job that cannot end before it is started only when its answers can be saved, so that another world goes on from them")
	return cmd
}

func checkServe(flags *worker.Config, until string) error {
	if flags.MaxBatch < 1 || flags.MaxBatch > 1000 {
		return fmt.Errorf("--max-batch must be 1 to 1000, is %d", flags.MaxBatch)
	}
	if flags.Grace < 0 {
		return fmt.Errorf("--grace must not be negative, is %v", flags.Grace)
	}
	if flags.IdleTimeout < 0 {
		return fmt.Errorf("--idle-timeout must not be negative, is %v", flags.IdleTimeout)
	}
	if until == "" {
		return nil
	}
	var err error
	if flags.Until, err = time.Parse(time.RFC3339, until); err != nil {
		return fmt.Errorf("--until must be a moment like 2026-01-31T18:00:00+01:00, is %q", until)
	}
	return nil
}

// keptAnswers is how many bytes of answers rank 0 caches, for jobs that ask the same question about the same asset.
const keptAnswers = 64 << 20

// drain leases jobs and takes them through the ranks, until ctx ends or the flags say so.
func (c *Config) drain(ctx context.Context, leader *spmd.Leader, flags worker.Config) error {
	id, password, err := c.account()
	if err != nil {
		return err
	}
	if flags.Tracer, err = tracing.New("mpicalc", cli.Version(), slog.Default()); err != nil {
		return err
	}
	secure, err := c.Client.Config(slog.Default())
	if err != nil {
		return err
	}
	tokens := func(to auth.Audience) auth.TokenSource {
		return authclient.ServiceTokens(c.AuthURL, id, password, to).Over(certs.Transport(secure))
	}
	data, err := worker.NewDatasets(c.DataDir, c.cacheDir(), c.CacheBytes, frontend.New(c.FrontendURL, frontend.Transport(c.FrontendURL, secure), tokens(auth.Frontend)))
	switch {
	case errors.Is(err, worker.ErrNotOwn):
		return err // no failure, but a fault of the settings
	case err != nil:
		return &failure{err}
	}
	defer data.Close()
	if flags, err = c.workerConfig(flags); err != nil {
		return &failure{err}
	}
	withdraw, err := announce(c.ReadyFile, ready{Worker: flags.Name, Ranks: leader.Ranks(), Hosts: leader.Hosts()})
	if err != nil {
		return &failure{err}
	}
	defer withdraw()
	defer flags.Tracer.Stop()
	registry, _, quit, err := c.serveMetrics()
	if err != nil {
		return &failure{err}
	}
	defer quit()
	if registry != nil {
		flags.Metrics = registry
	}
	cli.Ready(ctx, slog.Default())
	err = worker.Run(ctx, leader, queue.New(c.QueueURL, queue.Transport(secure), tokens(auth.Queue)), data, flags)
	switch {
	case errors.Is(err, worker.ErrUnreachable):
		return &failure{err}
	case err != nil:
		return &worldError{err}
	}
	return nil
}

// workerConfig completes what the flags say with the settings.
func (c *Config) workerConfig(flags worker.Config) (worker.Config, error) {
	flags.Program = "mpicalc " + cli.Version()
	flags.StuckAfter = c.StuckAfter
	if flags.SaveEvery = c.SaveEvery; c.SaveEvery == 0 {
		flags.SaveEvery = -1 // never
	}
	flags.OnStuck = func() { os.Exit(1) } // mpirun then ends the other ranks, including one that hangs
	flags.Inherit = c.Lineage != ""
	var err error
	if flags.Inherit {
		flags.Name, err = worker.NameIn(c.Lineage)
	} else {
		flags.Name, err = workerName()
	}
	return flags, err
}

// workerName returns a name that no other living world has, not even one with the same process ID in another container.
func workerName() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:6]), nil
}
