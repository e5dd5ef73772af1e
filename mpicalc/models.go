package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"foliocast/internal/cli"
	"foliocast/mpicalc/forecast"
)

func modelsCommand() *cobra.Command {
	format := listTable
	c := &cobra.Command{
		Use:     "models",
		Short:   "List the forecasting models",
		Example: "  mpicalc models -o csv | cut -d, -f1",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return asFailure(format.write(cmd.OutOrStdout())) },
	}
	c.Flags().VarP(&format, "output", "o", "`format` of the list: table, json or csv")
	return c
}

// listFormat is how the models are listed.
type listFormat string

const (
	listTable listFormat = "table"
	listJSON  listFormat = "json"
	listCSV   listFormat = "csv"
)

var _ cli.Choice = (*listFormat)(nil)

// Choices are the values of the flag.
func (f *listFormat) Choices() []string {
	return []string{string(listTable), string(listJSON), string(listCSV)}
}

// Set reads the flag.
func (f *listFormat) Set(text string) error {
	if !slices.Contains(f.Choices(), text) {
		return errors.New("unknown format")
	}
	*f = listFormat(text)
	return nil
}

func (f *listFormat) String() string { return string(*f) }

// Type names the value in the help.
func (f *listFormat) Type() string { return "format" }

// write lists the models.
func (f *listFormat) write(to io.Writer) error {
	type model struct {
		Name string `json:"name"`
		Doc  string `json:"description"`
	}
	var all []model
	rows := [][]string{{"name", "description"}}
	for _, m := range forecast.Models() {
		all, rows = append(all, model{m.Name, m.Doc}), append(rows, []string{m.Name, m.Doc})
	}
	switch *f {
	case listJSON:
		return json.NewEncoder(to).Encode(all)
	case listCSV:
		return csv.NewWriter(to).WriteAll(rows)
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, m := range all {
		fmt.Fprintf(w, "%s\t%s\n", m.Name, m.Doc)
	}
	return w.Flush()
}
