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
)

// version is set by the linker.
var version = "development"

func main() {
	ctx, stop := serve.Context()
	defer stop()
	root := command(os.Stdout)
	root.SetArgs(os.Args[1:])
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "authsvc:", err)
		stop()
		os.Exit(1)
	}
}

// command is the whole command line. What commands answer goes to out.
func command(out io.Writer) *cobra.Command {
	run := func(cmd *cobra.Command, _ []string) error {
		c, err := settings()
		if err != nil {
			return err
		}
		return runService(cmd.Context(), c, serve.Logger("authsvc", c.LogLevel), out)
	}
	root := &cobra.Command{
		Use: "authsvc", Short: "The identity service of Foliocast",
		Long:    "The identity service of Foliocast. Without a command it serves.\n\n" + serve.SettingsHelp(config{}),
		Version: version, Args: cobra.NoArgs, RunE: run,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetOut(out)
	root.AddCommand(
		&cobra.Command{Use: "serve", Short: "Serve until SIGINT or SIGTERM", Args: cobra.NoArgs, RunE: run},
		serviceCommand(out), userCommand(out))
	return root
}

func settings() (config, error) {
	var c config
	err := serve.Settings(&c)
	return c, err
}
