package foliocast

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"foliocast/internal/cli"
)

// outputFormat is how a command prints its answer. Commands whose flag --output names a file have a flag of their own.
type outputFormat string

const (
	asTable outputFormat = "table"
	asWide  outputFormat = "wide" // a table with more columns
	asJSON  outputFormat = "json"
	asCSV   outputFormat = "csv"
)

var _ cli.Choice = (*outputFormat)(nil)

// Choices are the values of the flag.
func (f *outputFormat) Choices() []string {
	return []string{string(asTable), string(asWide), string(asJSON), string(asCSV)}
}

// Set reads the flag.
func (f *outputFormat) Set(text string) error {
	if !slices.Contains(f.Choices(), text) {
		return errors.New("unknown format")
	}
	*f = outputFormat(text)
	return nil
}

func (f *outputFormat) String() string { return string(*f) }

// Type names the value in the help.
func (f *outputFormat) Type() string { return "format" }

// formatFlags adds the flags that choose the format.
func (a *app) formatFlags(f *pflag.FlagSet) {
	f.BoolVar(&a.json, "json", false, "print JSON instead of text, for errors too: short for --output json")
	f.VarP(&a.format, "output", "o", "`format` of the answer: table, wide (with more columns), json or csv (default table)")
}

// checkFormat makes one of the flags that choose the format, and refuses a format that the command does not have, before it
// does anything.
func (a *app) checkFormat(c *cobra.Command) error {
	switch {
	case a.json && a.format != "" && a.format != asJSON:
		return usagef("--json and --output %s contradict each other", a.format)
	case a.format == asJSON:
		a.json = true
	case a.format == asCSV && !isTabular(c):
		return usagef("%s prints nothing that could be CSV: --output must be table or json", c.CommandPath())
	}
	return nil
}

// tabular marks a command that prints a sheet.
func tabular(c *cobra.Command) *cobra.Command {
	c.Annotations = map[string]string{"tabular": "yes"}
	return c
}

func isTabular(c *cobra.Command) bool { return c.Annotations["tabular"] != "" }

// jsonAsked reports whether the arguments ask for JSON, for an error in the
// arguments themselves.
func jsonAsked(args []string) bool {
	asked := false
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name, value, given := strings.Cut(arg, "=")
		switch {
		case name == "--json":
			yes, err := strconv.ParseBool(value)
			asked = !given || err == nil && yes
		case name == "--output" && given, name == "-o" && given:
			asked = value == "json"
		case name == "--output", name == "-o":
			asked = i+1 < len(args) && args[i+1] == "json"
		case name == "-ojson":
			asked = true
		}
	}
	return asked
}
