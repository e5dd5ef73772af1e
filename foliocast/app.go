package foliocast

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"foliocast/internal/cli"
)

// app is one run of the program: its streams, its environment, and the flags
// that every command takes.
type app struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	version  string

	json   bool
	format outputFormat
	where  where
}

// run executes the command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	begun := false
	root.PersistentPreRunE = func(c *cobra.Command, args []string) error {
		begun = true
		if err := a.where.check(root.PersistentFlags()); err != nil {
			return err
		}
		if err := a.checkFormat(c); err != nil {
			return err
		}
		return checkName(c, args)
	}
	err := root.ExecuteContext(ctx)
	if err != nil && !begun {
		err = &usageError{err: err}
		a.json = jsonAsked(args)
	}
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = &interrupted{}
	}
	a.explain(err)
	return exitCode(err)
}

// checkName refuses a name or a job that would change the path of a request,
// such as ../x.
func checkName(c *cobra.Command, args []string) error {
	_, words, _ := strings.Cut(c.Use, " ")
	word, _, _ := strings.Cut(words, " ")
	word, _, _ = strings.Cut(strings.TrimLeft(word, "["), "[")
	word = strings.TrimRight(word, "]")
	if len(args) == 0 || !strings.HasPrefix(word, "NAME") && word != "JOB" {
		return nil
	}
	bad := func(r rune) bool { return r == '/' || unicode.IsControl(r) || r == utf8.RuneError }
	if name := args[0]; name == "" || name == "." || name == ".." || strings.ContainsFunc(name, bad) {
		return usagef("%s cannot be %q", word, name)
	}
	return nil
}

func (a *app) root() *cobra.Command {
	root := cli.Program{
		Name:  "foliocast",
		Short: "Forecast portfolios on an MPI cluster",
		Long: `Foliocast forecasts portfolios on an MPI cluster.

  foliocast up        runs everything on this machine
  foliocast login     signs in
  foliocast dataset   uploads and lists price series
  foliocast job       submits jobs and shows their forecasts`,
		Codes:    exitHelp() + jsonHelp,
		Settings: settings,
	}.Root()
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	flags := root.PersistentFlags()
	a.formatFlags(flags)
	a.where.flags(flags)
	root.AddCommand(a.upCommand(), a.downCommand(), a.demoCommand(), a.backupCommand(), a.restoreCommand(),
		a.loginCommand(), a.logoutCommand(), tabular(a.whoamiCommand()),
		a.datasetCommand(), a.jobCommand(), a.batchCommand(), a.scheduleCommand(), a.webhookCommand(), tabular(a.eventsCommand()), a.queueCommand(), a.workerCommand(), a.topCommand(), a.openCommand(), a.userCommand(), a.tokenCommand(), a.serviceCommand(), tabular(a.auditCommand()), a.slurmCommand(), a.versionCommand(), a.renewCommand())
	cli.Completion(root, a.completeFlag, a.completeArgument)
	cli.Speak(root)
	return root
}

const settings = `Settings, from the environment; flags win over them:
  FOLIOCAST_URL        data service (default http://127.0.0.1:8080)
  FOLIOCAST_AUTH_URL   identity service (default http://127.0.0.1:5000)
  FOLIOCAST_QUEUE_URL  message service (default http://127.0.0.1:7500)
  FOLIOCAST_STATE      state directory of foliocast up, which has the addresses
  FOLIOCAST_TOKEN      personal access token to use instead of a sign-in, for scripts
  FOLIOCAST_TLS_CA_FILE           PEM file with the authorities to trust at https:// addresses
  FOLIOCAST_TLS_CLIENT_CERT_FILE  PEM file with the certificate for services that ask for one
  FOLIOCAST_TLS_CLIENT_KEY_FILE   PEM file with its key
  XDG_CONFIG_HOME      holds foliocast/session.json (default ~/.config)
`

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of this program", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.show(map[string]string{"version": a.version}, func(w io.Writer) { line(w, "foliocast version %s", a.version) })
		},
	}
}

// terminal reports whether a stream is a person's terminal.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
