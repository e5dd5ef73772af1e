package main

import (
	"time"

	"github.com/spf13/cobra"

	"foliocast/foliocast/slurm"
	"foliocast/hostfiles"
)

func (a *app) slurmPilot() *cobra.Command {
	var s submission
	var once bool
	var idle time.Duration
	c := &cobra.Command{
		Use:   "pilot [-- flags of mpicalc serve]",
		Short: "Drain the queue with the nodes of a job",
		Long: `Drain the queue with the nodes of a job of Slurm, until no job has come for a while
or the wall-time is near; then what is not begun goes back to the queue, and
the job queues up again.

  foliocast slurm submit pilot --nodes 2 --ntasks 16 --time 04:00:00

The nodes must reach the services: see foliocast slurm doctor --from-node. The
pilot's account comes from FOLIOCAST_CLIENT_ID and FOLIOCAST_CLIENT_SECRET of
the environment. Slurm takes that along with the job and keeps it in files that
its administrators can read.`,
		RunE: func(c *cobra.Command, args []string) error {
			words, rest := atDash(c, args)
			if len(words) > 0 {
				return usagef("put the flags of mpicalc serve behind --")
			}
			if err := s.complete(a); err != nil {
				return err
			}
			if !s.dryRun && (a.env("FOLIOCAST_CLIENT_ID") == "" || a.env("FOLIOCAST_CLIENT_SECRET") == "") {
				return usagef("the pilot needs an account: set FOLIOCAST_CLIENT_ID and FOLIOCAST_CLIENT_SECRET to those that authsvc service add prints")
			}
			if once {
				s.ask.More = append(s.ask.More, "--no-requeue")
			}
			if idle < 0 {
				return usagef("--idle-timeout must be positive, is %s", idle)
			}
			if idle > 0 {
				rest = append([]string{"--idle-timeout", idle.String()}, rest...)
			}
			settings, err := a.pilotSettings(s.mpicalc)
			if err != nil {
				return err
			}
			return a.submitScript(c.Context(), s, hostfiles.Pilot, settings, rest)
		},
	}
	s.add(c.Flags())
	s.warning(c.Flags())
	c.Flags().DurationVar(&idle, "idle-timeout", 0, "end when no job came for so long (default 2m0s)")
	c.Flags().BoolVar(&once, "once", false, "do not queue up again when the wall-time is near")
	return c
}

// pilotSettings are what a pilot is told but its account: a script is no place
// for a secret.
func (a *app) pilotSettings(mpicalc string) ([]slurm.Setting, error) {
	known, err := a.slurmAddresses()
	if err != nil {
		return nil, err
	}
	return []slurm.Setting{
		{Name: "MPICALC", Value: mpicalc},
		{Name: "FOLIOCAST_AUTH_URL", Value: known.Auth},
		{Name: "FOLIOCAST_QUEUE_URL", Value: known.Queue},
		{Name: "FOLIOCAST_FRONTEND_URL", Value: known.Frontend},
	}, nil
}
