// Authsvc is the identity service of Foliocast: it knows the users and the
// service accounts, logs them in, and signs the access tokens that the other
// services verify. See authsvc --help.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"foliocast/internal/serve"
	"foliocast/internal/usage"
)

// version is set by the linker.
var version = "development"

func main() {
	ctx, stop := serve.Context()
	defer stop()
	root := (&program{os.Stdout, settings}).command()
	root.SetArgs(os.Args[1:])
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "authsvc:", err)
		stop()
		os.Exit(1)
	}
}

// program is what the commands share.
type program struct {
	out      io.Writer // takes what commands answer
	settings func() (config, error)
}

// command is the whole command line.
func (p *program) command() *cobra.Command {
	run := func(cmd *cobra.Command, _ []string) error {
		c, err := p.settings()
		if err != nil {
			return err
		}
		return runService(cmd.Context(), c, serve.Logger("authsvc", c.LogLevel), p.out)
	}
	root := &cobra.Command{
		Use: "authsvc", Short: "The identity service of Foliocast",
		Long:    "The identity service of Foliocast. Without a command it serves.\n\n" + serve.SettingsHelp(config{}),
		Version: version, Args: cobra.NoArgs, RunE: run,
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetOut(p.out)
	root.AddCommand(
		&cobra.Command{Use: "serve", Short: "Serve until SIGINT or SIGTERM", Args: cobra.NoArgs, RunE: run},
		p.serviceCommand(), p.userCommand())
	usage.Speak(root)
	return root
}

func settings() (config, error) {
	var c config
	err := serve.Settings(&c)
	return c, err
}
