package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"foliocast/internal/series"
)

// outputFormat is the format that the ending of an output names. The input itself is no output: it would be lost.
func outputFormat(input, output string) (series.Format, error) {
	format, err := series.FormatOf(output)
	if err != nil {
		return "", fmt.Errorf("--output %w", err)
	}
	from, missing := os.Stat(input)
	to, absent := os.Stat(output)
	if missing == nil && absent == nil && from.Mode().IsRegular() && os.SameFile(from, to) {
		return "", fmt.Errorf("--output %s is the input itself, which would be lost: name another file", output)
	}
	return format, nil
}

// inputFault names the file, or the flag, that a fault in reading is about.
func inputFault(path string, err error) error {
	if _, ok := errors.AsType[*series.RejectError](err); ok {
		return fmt.Errorf("%s: %w", path, err)
	}
	if fault, ok := errors.AsType[*series.FieldError](err); ok {
		flag := fault.Field
		if slices.Contains([]string{"id", "time", "value"}, flag) {
			flag += "-column"
		}
		return fmt.Errorf("--%s: %s", flag, fault.Reason)
	}
	return err
}
