package main

import (
	"strings"

	"github.com/spf13/cobra"

	"foliocast/internal/series"
)

// addReadFlags adds the flags that say how a file is read, except --freq.
func addReadFlags(cmd *cobra.Command, o *series.Options) {
	flags := cmd.Flags()
	flags.StringVar(&o.ID, "id-column", "", "`name` of the column that identifies the asset")
	flags.StringVar(&o.Time, "time-column", "", "`name` of the column of times")
	flags.StringVar(&o.Value, "value-column", "", "`name` of the column of values, like close or adj_close")
	flags.StringVar(&o.AssetName, "asset-name", "", "`name` of the asset, if the file has one and does not name it")
	flags.StringSliceVar(&o.Columns, "columns", nil, "`names` of the columns of values to read, like DAX,SMI or eu_*; all when absent")
	flags.StringSliceVar(&o.Drop, "drop", nil, "`names` of columns to leave out, like sky or note*")
	flags.BoolVar(&o.NumberRows, "number-rows", false, "number the rows in place of a column of times")
	flags.StringVar(&o.TimeFormat, "time-format", "", "`format` of the times: "+strings.Join(series.TimeFormats(), ", ")+", or a pattern like %d/%m/%Y")
	flags.StringVar(&o.Timezone, "timezone", "", "time `zone` of times that name none, in which days begin, like Europe/Berlin or +09:00")
	flags.StringVar(&o.Decimal, "decimal", "", "decimal `mark` of numbers in text: . or ,")
	flags.StringVar(&o.Thousands, "thousands", "", "`mark` between the thousands of numbers in text: . , ' a space, or none")
	flags.StringVar(&o.Duplicates, "duplicates", "", "`policy` for rows that repeat the asset and the time of an earlier row: "+strings.Join(series.DuplicateRules(), ", ")+" (default fail)")
}
