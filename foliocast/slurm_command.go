package foliocast

import (
	"cmp"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"foliocast/foliocast/slurm"
	"foliocast/internal/cli"
)

func (a *app) slurmCommand() *cobra.Command {
	submit := cli.Group("submit", "Submit a batch script to Slurm", a.slurmBatch(), a.slurmPilot())
	return cli.Group("slurm", "Run the calculation as Slurm jobs", submit, a.slurmScale(), tabular(a.slurmDoctor()), a.slurmProbe())
}

// slurmFlags are what every command about a job of Slurm takes.
type slurmFlags struct {
	ask     slurm.Ask
	limit   string
	mpicalc string
}

func (f *slurmFlags) add(flags *pflag.FlagSet) {
	flags.IntVar(&f.ask.Nodes, "nodes", 0, "nodes of the job (default: as many as the ranks need)")
	flags.IntVar(&f.ask.Ranks, "ntasks", 0, "ranks of the job (default 4)")
	flags.StringVar(&f.limit, "time", "", "wall time, as `hours:minutes:seconds`, minutes or days-hours")
	flags.StringVar(&f.ask.Partition, "partition", "", "`name` of the partition (default: Slurm's)")
	flags.StringVar(&f.ask.Account, "account", "", "`name` of the account that pays for the time")
	flags.StringVar(&f.ask.QOS, "qos", "", "`name` of the quality of service")
	flags.StringVar(&f.mpicalc, "mpicalc", "", "`path` of mpicalc on the nodes (default: MPICALC, or beside foliocast, or from PATH)")
}

// warning adds the flag of the jobs that are told when their time is short.
func (f *slurmFlags) warning(flags *pflag.FlagSet) {
	flags.DurationVar(&f.ask.Warning, "warning", 0, "how long before the wall time ends the pilot is told to stop (default 2m0s)")
}

// complete reads what the flags hold as text.
func (f *slurmFlags) complete(a *app) error {
	if f.limit != "" {
		limit, err := slurm.ParseLimit(f.limit)
		if err != nil {
			return usagef("--time %w", err)
		}
		f.ask.Limit = limit
	}
	f.mpicalc = cmp.Or(f.mpicalc, a.env("MPICALC"), mpicalcBeside(), "mpicalc")
	return nil
}

// mpicalcBeside is the mpicalc that was built with this program, or "".
func mpicalcBeside() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	path := filepath.Join(filepath.Dir(self), "mpicalc")
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return ""
	}
	return path
}
