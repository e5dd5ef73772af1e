package foliocast

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"foliocast/internal/auth"
)

// renewalTime bounds a renewal that nobody waits for.
const renewalTime = 10 * time.Second

// renewCommand gets a new access token for a service. Completion starts it: a process that ends between the answer of the
// identity service and the file would lose the session, since a refresh token works once.
func (a *app) renewCommand() *cobra.Command {
	return &cobra.Command{
		Use: "renew SERVICE", Hidden: true, Short: "Get a new access token for a service", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			to := auth.Audience(args[0])
			if !slices.Contains(auth.AllAudiences(), to) {
				return usagef("%q is not a service", args[0])
			}
			ctx, cancel := context.WithTimeout(c.Context(), renewalTime)
			defer cancel()
			s, err := a.services()
			if err != nil {
				return err
			}
			_, err = s.source.at(to).Token(ctx)
			return err
		},
	}
}

// renewElsewhere starts renewCommand, which goes on when this process ends, and waits for it.
func (a *app) renewElsewhere(ctx context.Context, s source) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"renew", string(s.to), "--auth-url", s.auth}
	if s.caFile != "" {
		args = append(args, "--ca-file", s.caFile)
	}
	cmd := exec.Command(self, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
