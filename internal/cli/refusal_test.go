package cli_test

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
)

// program is a command line with a flag of each sort.
func program() *cobra.Command {
	nothing := func(*cobra.Command, []string) error { return nil }
	root := &cobra.Command{Use: "prog", SilenceErrors: true, SilenceUsage: true, Args: cobra.NoArgs, RunE: nothing}
	run := &cobra.Command{Use: "run --input FILE", Args: cobra.NoArgs, RunE: nothing}
	flags := run.Flags()
	flags.Int("horizon", 0, "")
	flags.Uint64("seed", 0, "")
	flags.Bool("wait", false, "")
	flags.IntSlice("season", nil, "")
	flags.Float64Slice("levels", nil, "")
	flags.StringSlice("assets", nil, "")
	flags.Duration("time", 0, "")
	flags.String("file", "", "")
	show := &cobra.Command{Use: "show JOB", Args: cobra.ExactArgs(1), RunE: nothing}
	doctor := &cobra.Command{Use: "doctor [PART]", ValidArgs: []string{"batch", "pilot"},
		Args: cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs), RunE: nothing}
	root.AddCommand(run, show, doctor)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	cli.Speak(root)
	return root
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{
		{"run --horizon x", `--horizon must be a whole number, is "x"`},
		{"run --horizon=", `--horizon must be a whole number, is ""`},
		{"run --horizon 99999999999999999999", `--horizon must be a whole number, and "99999999999999999999" is too large`},
		{"run --horizon", "--horizon needs a value: a whole number"},
		{"run --seed -1", `--seed must be a whole number of at least 0, is "-1"`},
		{"run --wait=maybe", `--wait must be true or false, is "maybe"`},
		{"run --season 12,", `--season must be whole numbers separated by commas, is "12,"`},
		{"run --levels a", `--levels must be numbers separated by commas, is "a"`},
		{`run --assets "a`, `--assets must be texts separated by commas, with double quotes around a text that has a comma, is "\"a"`},
		{"run --time soon", `--time must be a duration, as in 30s, is "soon"`},
		{"run --file", "--file needs a value: a text"},
		{"run --nosuch", "run has no flag --nosuch"},
		{"run -x", "run has no flag -x"},
		{"run --=x", `"--=x" is not a flag: a flag is like --name or --name=value`},
		{"run now", `run takes no arguments, but was given "now"`},
		{"show", "show takes JOB, but was given nothing"},
		{"show a b", `show takes JOB, but was given "a" "b"`},
		{"shw", `prog has no command "shw": did you mean show?`},
		{"elsewhere", `prog has no command "elsewhere": prog --help lists them`},
		{"doctor nurse", `doctor takes one of batch, pilot, but was given "nurse"`},
		{"show " + strings.Repeat("é", 40) + " b", `show takes JOB, but was given "` + strings.Repeat("é", 30) + `…" "b"`},
	} {
		root := program()
		root.SetArgs(strings.Fields(c.args))
		err := root.Execute()
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", c.args, err, c.want)
		}
	}
}

func TestAValidCommandLinePasses(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"", "run --horizon 5 --season 12,24 --levels 80,95.5", "show job", "doctor", "doctor pilot"} {
		root := program()
		root.SetArgs(strings.Fields(args))
		if err := root.Execute(); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
}
