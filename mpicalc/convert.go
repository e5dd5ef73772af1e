package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"foliocast/internal/series"
	"foliocast/internal/series/file"
	"foliocast/internal/series/format"
)

func convertCommand() *cobra.Command {
	var c convert
	cmd := &cobra.Command{
		Use:   "convert --input FILE [--output FILE]",
		Short: "Change a file's format and print what was found in it",
		Args:  cobra.NoArgs,
		Long: `convert reads CSV, Parquet or Arrow, checks it, prints the audit, and writes CSV, Parquet or Arrow by the ending of the
output. An Arrow output is in the stored form, which ranks map instead of reading. Without an output it only checks.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(cmd, c.output); err != nil {
				return err
			}
			return c.run(cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&c.input, "input", "", "the `file` to read")
	flags.StringVar(&c.output, "output", "", "the `file` to write")
	flags.StringVar((*string)(&c.options.Freq), "freq", "", "`frequency` in place of the one that the times show")
	addReadFlags(cmd, &c.options)
	flags.BoolVar(&c.json, "json", false, "print the audit as JSON")
	return cmd
}

type convert struct {
	input, output string
	options       series.Options
	json          bool
}

func (c *convert) run(stdout io.Writer) error {
	if c.input == "" {
		return errors.New("--input must name the file to read")
	}
	var to format.Format
	if c.output != "" {
		var err error
		if to, err = seriesFormat(c.input, c.output); err != nil {
			return err
		}
	}
	table, audit, err := file.Read(c.input, c.options)
	if err != nil {
		return inputFault(c.input, err)
	}
	defer table.Close()
	if c.output != "" {
		if err := writeFile(c.output, func(w io.Writer) error { return file.Write(w, table, to) }); err != nil {
			return err
		}
	}
	if c.json {
		return asFailure(json.NewEncoder(stdout).Encode(audit))
	}
	_, err = fmt.Fprint(stdout, audit)
	return asFailure(err)
}
