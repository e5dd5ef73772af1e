package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"foliocast/mpicalc/forecast"
)

func modelsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "models",
		Short: "List the forecasting models",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, m := range forecast.Models() {
				fmt.Fprintf(w, "%s\t%s\n", m.Name, m.Doc)
			}
			return asFailure(w.Flush())
		},
	}
}
