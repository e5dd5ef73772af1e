package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/forecasttable"
	"foliocast/internal/series"
	"foliocast/internal/series/format"
)

// checkOutput refuses an output that is given and empty, as from an unset variable of a script: the forecasts would be
// lost.
func checkOutput(cmd *cobra.Command, output string) error {
	if cmd.Flags().Changed("output") && output == "" {
		return errors.New("--output must name a file, is empty")
	}
	return nil
}

// seriesFormat is the format of series that the ending of an output names.
func seriesFormat(input, output string) (format.Format, error) {
	f, err := format.Of(output)
	if err != nil {
		return "", fmt.Errorf("--output %w", err)
	}
	return f, checkOther("--output", input, output)
}

// tableFormat is the format of a table that the ending of the file names which a flag names.
func tableFormat(flag, input, output string) (forecasttable.Format, error) {
	switch f, _ := forecasttable.FormatOf(output); f {
	case forecasttable.CSV, forecasttable.Parquet, forecasttable.Arrow, forecasttable.ArrowStream:
		return f, checkOther(flag, input, output)
	}
	return "", fmt.Errorf(flag+" %s must end in .csv, .parquet, .arrow or .arrows", output)
}

// checkOther refuses an output that is the input itself, which would be lost.
func checkOther(flag, input, output string) error {
	from, missing := os.Stat(input)
	to, absent := os.Stat(output)
	if missing == nil && absent == nil && from.Mode().IsRegular() && os.SameFile(from, to) {
		return fmt.Errorf(flag+" %s is the input itself, which would be lost: name another file", output)
	}
	return nil
}

// inputFault names the file, or the flag, that a fault in reading is about.
func inputFault(path string, err error) error {
	if _, ok := errors.AsType[*series.RejectError](err); ok {
		return fmt.Errorf("%s: %w", path, err)
	}
	if fault, ok := errors.AsType[*series.FieldError](err); ok {
		flag := strings.ReplaceAll(fault.Field, "_", "-")
		if slices.Contains([]string{"id", "time", "value"}, flag) {
			flag += "-column"
		}
		return fmt.Errorf("--%s: %s", flag, fault.Reason)
	}
	return err
}
