package foliocast

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"foliocast/foliocast/up"
	"foliocast/internal/cli"
)

// downTime is how long foliocast down waits for everything to end.
const downTime = 2 * time.Minute

// upFlags are the flags of foliocast up.
type upFlags struct {
	np       int
	portBase int
	listen   string
	names    []string
	plain    bool
	hang     time.Duration
	logs     bool
	detach   bool
	reportFD int // hidden: the child of --detach reports to it
}

func (a *app) upCommand() *cobra.Command {
	var f upFlags
	c := &cobra.Command{
		Use:   "up",
		Short: "Run every part of Foliocast on this machine",
		Long: `Run every part of Foliocast on this machine: a private PostgreSQL server, the three
services, and the calculation under mpirun. A part that dies or hangs is restarted.
The command runs until SIGINT or SIGTERM, or with --detach until foliocast down.

The state directory (--state, else FOLIOCAST_STATE, else /var/lib/foliocast for
root and $XDG_STATE_HOME/foliocast for others) holds the data, log/NAME.log,
run.json (name, process id and address of each part), admin.json (the first
administrator) and worker.json (the account of MPI worlds that run elsewhere, such
as pilots under Slurm). Only their owner can read the last two. On its private
PostgreSQL server each service has a role of its own. When DATABASE_URL is set, that
server is used instead, by all three services; FOLIOCAST_AUTHSVC_DATABASE_URL,
FOLIOCAST_QUEUE_DATABASE_URL and FOLIOCAST_FRONTEND_DATABASE_URL name one for each,
so that each may have a role of its own there, too.

The services listen on 127.0.0.1. With --listen 0.0.0.0 other machines reach them, over TLS:
with a certificate for this machine, which a private authority in the state directory signs
and which is renewed in time. Clients need its file tls/ca.pem (foliocast login --ca-file).`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			config, err := a.upConfig(f, c.Flags().Changed("port-base"))
			if err != nil {
				return err
			}
			if f.detach {
				return a.detach(c.Context(), config.State, f, c.Flags().Changed("port-base"))
			}
			return a.foreground(c.Context(), config, f)
		},
	}
	c.Flags().IntVar(&f.np, "np", 2, "MPI ranks of the calculation; 0 if only worlds elsewhere compute")
	c.Flags().IntVar(&f.portBase, "port-base", 0, "use the ports N, N+1 and N+2 for authsvc, queue and frontend (default 5000, 7500 and 8080)")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1", "IP `address` of the services: 0.0.0.0 for all addresses of this machine")
	c.Flags().StringSliceVar(&f.names, "name", nil, "further `name` or address by which others reach this machine, for its certificate; may be repeated")
	c.Flags().BoolVar(&f.plain, "plain-http", false, "speak HTTP without TLS although other machines reach the services, as behind a proxy that ends TLS")
	c.Flags().DurationVar(&f.hang, "hang-after", up.DefaultHang, "restart a part that has not answered for this `time`, or one of whose processes is stopped, at least 1s")
	c.Flags().BoolVar(&f.logs, "show-logs", false, "write the lines of all logs to standard error, too, as in a container")
	c.Flags().BoolVar(&f.detach, "detach", false, "return once every part answers, and leave them running")
	c.Flags().IntVar(&f.reportFD, "report-fd", 0, "")
	_ = c.Flags().MarkHidden("report-fd")
	return c
}

func (a *app) upConfig(f upFlags, moved bool) (up.Config, error) {
	config := up.Config{State: a.upState(), NP: f.np, Databases: a.databases(), Listen: f.listen, Names: f.names, Plain: f.plain, Hang: f.hang, Version: cli.Version()}
	if f.logs {
		config.Logs = a.err
	}
	if f.logs && f.detach {
		return config, usagef("--show-logs and --detach contradict each other: a process without a terminal writes to log/up.log in the state directory")
	}
	if ip := net.ParseIP(f.listen); ip == nil {
		return config, usagef("--listen must be an IP address such as 0.0.0.0 or 192.0.2.7, is %q", f.listen)
	} else if len(f.names) > 0 && (f.plain || ip.IsLoopback()) {
		return config, usagef("--name is for a certificate: it needs --listen with an address that other machines reach, and no --plain-http")
	}
	if a.env("FOLIOCAST_TLS_CERT_FILE") != "" {
		return config, usagef("foliocast up makes a certificate of its own, with --listen: unset FOLIOCAST_TLS_CERT_FILE, or start each service by itself")
	}
	if f.np < 0 {
		return config, usagef("--np must not be negative, is %d", f.np)
	}
	if f.hang < time.Second {
		return config, usagef("--hang-after must be at least 1s, is %v", f.hang)
	}
	if moved {
		if f.portBase < 1 || f.portBase > 65533 {
			return config, usagef("--port-base must be 1 to 65533, is %d", f.portBase)
		}
		config.Ports = up.PortsFrom(f.portBase)
	}
	return config, nil
}

// databases are the databases on an existing server, or nothing.
func (a *app) databases() up.Databases {
	shared := a.env("DATABASE_URL")
	return up.Databases{
		Auth:     cmp.Or(a.env("FOLIOCAST_AUTHSVC_DATABASE_URL"), shared),
		Queue:    cmp.Or(a.env("FOLIOCAST_QUEUE_DATABASE_URL"), shared),
		Frontend: cmp.Or(a.env("FOLIOCAST_FRONTEND_DATABASE_URL"), shared),
	}
}

// upState is the state directory of up and down.
func (a *app) upState() string {
	return cmp.Or(a.where.state, a.env("FOLIOCAST_STATE"), up.DefaultState())
}

// foreground runs everything until ctx ends.
func (a *app) foreground(ctx context.Context, config up.Config, f upFlags) error {
	report := a.err
	var parent *os.File
	if f.reportFD > 0 {
		parent = os.NewFile(uintptr(f.reportFD), "report")
		a.err = stamped{a.err} // a log file
		report = io.MultiWriter(a.err, quiet{parent})
	}
	config.Say = func(s string) { a.say(report, note{Note: s}) }
	config.Say("the state is in " + config.State)
	cluster, err := up.Start(ctx, config)
	if err != nil {
		if f.reportFD > 0 && ctx.Err() == nil {
			a.err = report // the parent prints it; an interrupt it reports itself
		}
		return err
	}
	defer cluster.Stop()
	if f.reportFD > 0 {
		line(report, "%s", readyWord)
		parent.Close()
	} else if err := a.showRunning(config.State, cluster.Run()); err != nil {
		return err
	}
	<-ctx.Done()
	a.note("stopping")
	cluster.Stop()
	a.note("stopped")
	return nil
}

// showRunning says what to do next, once every part answers.
func (a *app) showRunning(state string, run up.Run) error {
	return a.show(run, func(w io.Writer) {
		line(w, "Foliocast is running with %s at %s.", counted(int64(run.NP), "rank", "ranks"), run.URL("frontend"))
		line(w, "Sign in as its first administrator: foliocast login --state %s", cli.Quoted(state))
		if run.CAFile != "" {
			line(w, "Other machines need a copy of %s, the authority that signs its certificate:", run.CAFile)
			line(w, "  foliocast login --ca-file ca.pem --url %s --auth-url %s --queue-url %s", run.ReachedAs("frontend"), run.ReachedAs("authsvc"), run.ReachedAs("queue"))
		}
		line(w, "Stop it: foliocast down --state %s", cli.Quoted(state))
	})
}

// quiet ignores failed writes: the reader may be gone.
type quiet struct{ w io.Writer }

func (q quiet) Write(p []byte) (int, error) {
	_, _ = q.w.Write(p)
	return len(p), nil
}

// stamped begins each write, which is a line, with the time.
type stamped struct{ w io.Writer }

func (s stamped) Write(p []byte) (int, error) {
	_, err := fmt.Fprintf(s.w, "%s %s", time.Now().Format(time.RFC3339), p)
	return len(p), err
}

func (a *app) downCommand() *cobra.Command {
	return &cobra.Command{
		Use: "down", Short: "Stop what foliocast up runs", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeoutCause(c.Context(), downTime, fmt.Errorf("not within %s", downTime))
			defer cancel()
			state := a.upState()
			was, err := up.Down(ctx, state)
			if err != nil {
				return err
			}
			return a.show(map[string]any{"state": state, "stopped": was}, func(w io.Writer) {
				if was {
					line(w, "stopped everything in %s", state)
				} else {
					line(w, "nothing was running in %s", state)
				}
			})
		},
	}
}
