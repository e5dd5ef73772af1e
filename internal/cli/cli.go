// Package cli is the command line that the five programs share: one layout of
// help with exit codes and settings, one --version, one form of errors, and
// plain sentences for what is wrong with a flag, an argument or a setting. It
// knows no program and no command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/texttable"
)

// The exit codes of every program. One that has more lists all in its Codes.
const (
	Done    = 0
	Failed  = 1
	Refused = 2
)

// codes is the table of the exit codes above.
const codes = `
Exit codes:
  0  done
  1  something failed that is not the caller's fault
  2  wrong arguments, settings or input
`

// Program describes a program.
type Program struct {
	Name     string
	Short    string // one line
	Long     string // paragraphs of the help, without an end of line
	Codes    string // table of exit codes, when there are more than the three, and what belongs to it
	Settings string // table of settings, as of [SettingsHelp]; "" for none
}

// Root is the root command of the program. It shows the help until it gets a
// RunE.
func (p Program) Root() *cobra.Command {
	if p.Codes == "" {
		p.Codes = codes
	}
	long := p.Long + "\n" + p.Codes
	if p.Settings != "" {
		long += "\n" + p.Settings
	}
	root := Group(p.Name, p.Short)
	root.Long = strings.TrimRight(long, "\n")
	root.Version = Version()
	root.SilenceErrors = true
	root.SilenceUsage = true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(p.manualCommand())
	return root
}

// Group is a command that only has subcommands: alone it shows its help.
func Group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(commands...)
	return c
}

// Run executes the command line args and returns the exit code. An error
// appears on the command's standard error after the name of the program.
func Run(ctx context.Context, root *cobra.Command, args []string) int {
	return RunWith(ctx, root, args, ExitCode)
}

// RunWith is [Run] with exit codes of the program's own.
func RunWith(ctx context.Context, root *cobra.Command, args []string, code func(error) int) int {
	Speak(root)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintf(root.ErrOrStderr(), "%s: %s\n", root.Name(), texttable.PrintableLines(err.Error()))
	}
	return code(err)
}

// Refusal is an error that is the caller's: of the arguments, the settings or
// the input.
type Refusal struct{ Err error }

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// Refusef returns a refusal with a formatted message.
func Refusef(format string, args ...any) error {
	return &Refusal{fmt.Errorf(format, args...)}
}

// ExitCode is the exit code for an error.
func ExitCode(err error) int {
	if err == nil {
		return Done
	}
	if _, ok := errors.AsType[*Refusal](err); ok {
		return Refused
	}
	return Failed
}
