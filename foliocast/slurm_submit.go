package foliocast

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"foliocast/foliocast/slurm"
	"foliocast/hostfiles"
)

// submission holds the flags of slurm submit.
type submission struct {
	slurmFlags
	dryRun, wait bool
	hidden       []string // variables that the job must not get
}

func (s *submission) add(flags *pflag.FlagSet) {
	s.slurmFlags.add(flags)
	s.own(flags, "")
	flags.BoolVar(&s.dryRun, "dry-run", false, "print the script and submit nothing")
	flags.BoolVar(&s.wait, "wait", false, "return when the job has ended")
}

// own adds the flags of a job that is submitted.
func (f *slurmFlags) own(flags *pflag.FlagSet, name string) {
	flags.StringVar(&f.ask.Name, "job-name", name, "`name` of the job in Slurm's lists")
	flags.StringVar(&f.ask.Log, "log", "", "`file` of the job's output; %j stands for its number")
	flags.StringArrayVar(&f.ask.More, "sbatch", nil, "any other `flag` of sbatch, written --name=value; may be repeated")
}

func (a *app) slurmBatch() *cobra.Command {
	var s submission
	var elsewhere bool
	c := &cobra.Command{
		Use:   "batch INPUT OUTPUT [-- flags of mpicalc run]",
		Short: "Forecast one file into another, without any service",
		Long: `Forecast one file into another in a Slurm job, without any service. What
follows -- goes to mpicalc run:

  foliocast slurm submit batch prices.csv forecasts.csv --ntasks 16 -- --model auto --horizon 5 --levels 80,95

Both files must be where the job's first node sees them. The script is that of
hostfiles/slurm/batch.sbatch, completed; --dry-run prints it in a form that sbatch
takes.`,
		RunE: func(c *cobra.Command, args []string) error {
			files, rest := atDash(c, args)
			if len(files) != 2 {
				return usagef("name the input and the output, and put the flags of mpicalc run after --")
			}
			if err := s.complete(a); err != nil {
				return err
			}
			if info, err := os.Stat(files[0]); !elsewhere && (err != nil || info.IsDir()) {
				return usagef("%s is not a file here: use --elsewhere if only the nodes see it", files[0])
			}
			if err := checkFiles(files[0], files[1]); err != nil {
				return err
			}
			settings := []slurm.Setting{{Name: "MPICALC", Value: s.mpicalc}}
			return a.submitScript(c.Context(), s, hostfiles.Batch, settings, append(files, rest...))
		},
	}
	s.add(c.Flags())
	c.Flags().BoolVar(&elsewhere, "elsewhere", false, "do not look for INPUT here: only the nodes see it")
	return c
}

// checkFiles refuses the files that mpicalc run would refuse once the job runs,
// which may be tomorrow.
func checkFiles(input, output string) error {
	for _, f := range []struct {
		path    string
		endings []string
	}{
		{input, []string{".csv", ".tsv", ".txt", ".parquet", ".arrow"}},
		{output, []string{".csv", ".parquet", ".arrow", ".arrows"}},
	} {
		if ending := strings.ToLower(filepath.Ext(f.path)); !slices.Contains(f.endings, ending) {
			return usagef("%s must end with one of %s", f.path, strings.Join(f.endings, ", "))
		}
	}
	from, err := os.Stat(input)
	to, err2 := os.Stat(output)
	if filepath.Clean(input) == filepath.Clean(output) || err == nil && err2 == nil && os.SameFile(from, to) {
		return usagef("%s is both input and output, and would be overwritten: name another output", output)
	}
	return nil
}

// atDash splits the arguments at --.
func atDash(c *cobra.Command, args []string) (before, after []string) {
	at := c.ArgsLenAtDash()
	if at < 0 {
		at = len(args)
	}
	return args[:at:at], args[at:]
}

// submitScript makes the script, and prints or submits it.
func (a *app) submitScript(ctx context.Context, s submission, template string, settings []slurm.Setting, args []string) error {
	script, err := slurm.Script(template, s.ask, settings, args)
	if err != nil {
		return &usageError{err: err}
	}
	if s.dryRun {
		return a.show(map[string]string{"script": script}, func(w io.Writer) { _, _ = io.WriteString(w, script) })
	}
	if err := a.checkRoot(); err != nil {
		return err
	}
	commands := slurm.Commands{Environ: slurm.Environment(os.Environ(), s.ask, append(s.hidden, tokenVariable)...)}
	id, err := commands.Submit(ctx, script)
	if err != nil {
		return err
	}
	if !s.wait {
		return a.show(map[string]slurm.JobID{"id": id}, func(w io.Writer) { line(w, "%s", id) })
	}
	return a.awaitSlurm(ctx, commands, id)
}

// checkRoot refuses what mpirun would refuse once the job runs.
func (a *app) checkRoot() error {
	if os.Geteuid() == 0 && (a.env("OMPI_ALLOW_RUN_AS_ROOT") == "" || a.env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM") == "") {
		return usagef("mpirun refuses to run as root: submit as an ordinary user, or set OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	}
	return nil
}

// awaitSlurm shows a job's states until it has ended.
func (a *app) awaitSlurm(ctx context.Context, commands slurm.Commands, id slurm.JobID) error {
	a.note("submitted Slurm job %s", id)
	j, err := commands.Await(ctx, id, func(j slurm.Job) {
		a.note("Slurm job %s is %s", id, j.State+reasonOf(j))
	})
	if ctx.Err() != nil {
		return &interrupted{advice: fmt.Sprintf("Slurm job %s is not affected. Cancel it with: scancel %s", id, id)}
	}
	if err != nil {
		return err
	}
	if err := a.record(j, recordOf("job", j.ID, "state", j.State, "log", j.Log)); err != nil || j.State == "COMPLETED" {
		return err
	}
	return &slurmEnded{job: j}
}

func reasonOf(j slurm.Job) string {
	if j.State != "PENDING" || j.Reason == "" {
		return ""
	}
	return " (" + j.Reason + ")"
}

// slurmEnded says that a job of Slurm that was waited for did not complete.
type slurmEnded struct{ job slurm.Job }

func (s *slurmEnded) Error() string {
	how := fmt.Sprintf("with exit code %d", s.job.ExitCode)
	if s.job.Signal != 0 {
		how = fmt.Sprintf("by signal %d", s.job.Signal)
	}
	return fmt.Sprintf("Slurm job %s ended as %s %s: see %s", s.job.ID, s.job.State, how, s.job.Log)
}

// slurmCode is the exit code for an error of the slurm commands, or 0 for any
// other error.
func slurmCode(err error) int {
	if _, ok := errors.AsType[*slurmEnded](err); ok {
		return exitJobEnded
	}
	if _, ok := errors.AsType[*slurm.NoAnswer](err); ok {
		return exitUnreachable
	}
	if _, ok := errors.AsType[*slurm.Refused](err); ok {
		return exitUsage
	}
	return exitOK
}
