package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"foliocast/mpicalc/spmd"
)

// stuckAfter is the flag that says how long a command waits for a rank.
type stuckAfter time.Duration

// add adds the flag.
func (s *stuckAfter) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar((*time.Duration)(s), "stuck-after", 10*time.Minute,
		"end with an error when a rank has not answered for this `time`: more than one series takes; never when 0s")
}

func (s stuckAfter) check() error {
	if s != 0 && time.Duration(s) < time.Second {
		return errors.New("--stuck-after must be at least 1s, or 0s for never")
	}
	return nil
}

// within is what a command does with the ranks, with a leader that waits for so long.
func (s stuckAfter) within(lead func(*spmd.Leader) error) func(*spmd.Leader) error {
	return func(leader *spmd.Leader) error {
		leader.SetPatience(time.Duration(s))
		return lead(leader)
	}
}
