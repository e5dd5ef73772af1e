package foliocast

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"foliocast/foliocast/slurm"
	"foliocast/foliocast/up"
	"foliocast/hostfiles"
)

// pilotFlags are what a pilot takes beside what every job takes.
type pilotFlags struct {
	idle       time.Duration
	clientFile string
}

// defaultIdle is the --idle-timeout of pilot.sbatch.
const defaultIdle = 2 * time.Minute

func (p *pilotFlags) add(f *slurmFlags, flags *pflag.FlagSet) {
	f.warning(flags)
	flags.StringArrayVar(&f.ask.Components, "component", nil, "`flags` of a further component of a heterogeneous job, as in ntasks=32,partition=large; may be repeated")
	flags.DurationVar(&p.idle, "idle-timeout", 0, "end when no job has come for this long (default 2m0s)")
	flags.StringVar(&p.clientFile, "client-file", "", "`file` with the pilot's account, as authsvc service add prints it")
}

// pilot is what a pilot's script is completed with.
type pilot struct {
	settings []slurm.Setting
	args     []string // of mpicalc serve
	hidden   []string // variables that the job must not get
}

// pilot completes the flags.
func (a *app) pilot(p pilotFlags, mpicalc string, rest []string) (pilot, error) {
	out := pilot{args: rest, hidden: []string{tokenVariable}}
	if p.idle < 0 {
		return out, usagef("--idle-timeout must be positive, is %s", p.idle)
	}
	if p.idle > 0 {
		out.args = append([]string{"--idle-timeout", p.idle.String()}, rest...)
	}
	var err error
	if out.settings, err = a.pilotSettings(mpicalc); err != nil {
		return out, err
	}
	file, err := a.pilotAccount(p.clientFile)
	if err != nil {
		return out, err
	}
	if file != "" {
		out.settings = append(out.settings, slurm.Setting{Name: "FOLIOCAST_CLIENT_FILE", Value: file})
		out.hidden = append(out.hidden, accountVariables()...)
	}
	return out, nil
}

func (a *app) slurmPilot() *cobra.Command {
	var s submission
	var once bool
	var flags pilotFlags
	c := &cobra.Command{
		Use:   "pilot [-- flags of mpicalc serve]",
		Short: "Drain the queue with the nodes of a Slurm job",
		Long: `Drain the queue with the nodes of a Slurm job, until no Foliocast job has come for a
while or the wall time is near. In the second case the Slurm job gives back what it
has not begun, and requeues itself.

  foliocast slurm submit pilot --nodes 2 --ntasks 16 --time 04:00:00

foliocast slurm scale submits as many of them as the queue needs.

The nodes must reach the services: see foliocast slurm doctor --from-node. The
pilot's account is in a file that only you can read and that the first node sees:
--client-file, else FOLIOCAST_CLIENT_FILE, else worker.json in the state directory
of foliocast up. FOLIOCAST_CLIENT_ID and FOLIOCAST_CLIENT_SECRET work too, but
Slurm stores them with the job's environment, in files that its administrators
can read.`,
		RunE: func(c *cobra.Command, args []string) error {
			words, rest := atDash(c, args)
			if len(words) > 0 {
				return usagef("put the flags of mpicalc serve after --")
			}
			if err := s.complete(a); err != nil {
				return err
			}
			if once {
				s.ask.More = append(s.ask.More, "--no-requeue")
			}
			p, err := a.pilot(flags, s.mpicalc, rest)
			if err != nil {
				return err
			}
			s.hidden = p.hidden
			return a.submitScript(c.Context(), s, hostfiles.Pilot, p.settings, p.args)
		},
	}
	s.add(c.Flags())
	flags.add(&s.slurmFlags, c.Flags())
	c.Flags().BoolVar(&once, "once", false, "do not requeue the job when the wall time is near")
	return c
}

// pilotSettings are a pilot's settings, without its account: a script must not
// hold a secret.
func (a *app) pilotSettings(mpicalc string) ([]slurm.Setting, error) {
	known, err := a.slurmAddresses()
	if err != nil {
		return nil, err
	}
	settings := []slurm.Setting{
		{Name: "MPICALC", Value: mpicalc},
		{Name: "FOLIOCAST_AUTH_URL", Value: known.Auth},
		{Name: "FOLIOCAST_QUEUE_URL", Value: known.Queue},
		{Name: "FOLIOCAST_FRONTEND_URL", Value: known.Frontend},
	}
	if known.CAFile != "" {
		settings = append(settings, slurm.Setting{Name: "FOLIOCAST_TLS_CA_FILE", Value: known.CAFile})
	}
	return settings, nil
}

// accountVariables hold an account in the environment.
func accountVariables() []string { return []string{"FOLIOCAST_CLIENT_ID", "FOLIOCAST_CLIENT_SECRET"} }

// pilotAccount is the file of the pilot's account, or "" when the account is in
// the environment.
func (a *app) pilotAccount(file string) (string, error) {
	file = cmp.Or(file, a.env("FOLIOCAST_CLIENT_FILE"))
	if file == "" {
		set := func(name string) bool { return a.env(name) != "" }
		if !slices.ContainsFunc(accountVariables(), func(name string) bool { return !set(name) }) {
			return "", nil
		}
		if state := cmp.Or(a.where.state, a.env("FOLIOCAST_STATE")); state != "" {
			file = up.WorkerPath(state)
		}
	}
	if file == "" {
		return "", usagef("the pilot needs an account: authsvc service add NAME --scope queue:lease --scope datasets:read prints one; " +
			"keep it in a file that only you can read, and name that with --client-file")
	}
	// A file that only the nodes see is checked there.
	if info, err := os.Stat(file); err == nil && (!info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0) {
		return "", usagef("%s must be a file that only you can read: chmod 600", file)
	}
	return filepath.Abs(file)
}
