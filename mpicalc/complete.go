package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"foliocast/internal/cli"
	"foliocast/internal/job"
	"foliocast/internal/series"
)

// completeFlag lists what a flag may be.
func completeFlag(_ *cobra.Command, f *pflag.Flag) cli.Completer {
	words := job.Choices(strings.ReplaceAll(f.Name, "-", "_"))
	switch f.Name {
	case "freq":
		words = job.Freqs()
	case "time-format":
		words = series.TimeFormats()
	case "duplicates":
		words = series.DuplicateRules()
	}
	if words == nil {
		return nil
	}
	return cli.Words(words...)
}
