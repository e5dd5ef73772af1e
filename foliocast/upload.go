package foliocast

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"foliocast/frontend/client"
	"foliocast/internal/job"
	"foliocast/internal/series/format"
)

// mediaType is the content type of an upload by the file's ending; "" for an
// unknown one.
func mediaType(ending string) string {
	switch strings.TrimPrefix(strings.ToLower(ending), ".") {
	case "csv", "tsv", "txt":
		return format.CSV.ContentType()
	case "parquet", "pq", "parq":
		return format.Parquet.ContentType()
	case "arrow", "feather", "ipc":
		return format.Arrow.ContentType()
	case "json":
		return format.JSON.ContentType()
	case "ndjson", "jsonl":
		return format.JSONLines
	case "arrows":
		return format.ArrowStream
	}
	return ""
}

func (a *app) datasetAdd() *cobra.Command {
	var format string
	var reading client.Reading
	var from origin
	c := &cobra.Command{
		Use: "add NAME [FILE]", Aliases: []string{"upload"}, Short: "Upload a file as the next version of a dataset",
		Long: `Upload a CSV, JSON, Parquet or Arrow file as the next version of a dataset; - is standard
input. The file may be packed with gzip or Zstandard (prices.csv.gz). A file with the same
content as the newest version adds nothing. The command prints what was found in the file.

With --from and no FILE, the service fetches the file itself: from an address that begins with
https://, or from an object store, as in s3://bucket/prices.csv. It connects to public
addresses alone, unless its operator allows others. It neither stores nor logs the key.`,
		Args: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("from") {
				return cobra.ExactArgs(1)(c, args)
			}
			return cobra.ExactArgs(2)(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("from") {
				return a.importDataset(c.Context(), args[0], from, format, reading)
			}
			if from != (origin{}) {
				return usagef("--s3-endpoint, --s3-region and --aws-key go with --from")
			}
			in, kind, err := a.upload(c.Context(), args[1], format)
			if err != nil {
				return err
			}
			defer in.Close()
			s, err := a.services()
			if err != nil {
				return err
			}
			d, err := s.frontend.UploadDataset(c.Context(), args[0], in, kind, reading)
			if err != nil {
				return err
			}
			return a.show(d, func(w io.Writer) { printAudit(w, d) })
		},
	}
	c.Flags().StringVar(&format, "format", "", "`format` of the file: csv, json, parquet or arrow (default by its ending, before .gz or .zst)")
	f := c.Flags()
	f.StringVar(&from.url, "from", "", "`address` from which the service fetches the file, like https://example.com/prices.csv or s3://bucket/prices.csv")
	f.StringVar(&from.endpoint, "s3-endpoint", "", "`address` of an object store that is not Amazon's, like https://s3.example.com")
	f.StringVar(&from.region, "s3-region", "", "`region` of the bucket (default us-east-1)")
	f.BoolVar(&from.key, "aws-key", false, "send the service AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment, for this file")
	addReadFlags(c, &reading)
	return c
}

func (a *app) datasetAppend() *cobra.Command {
	var format string
	var reading client.Reading
	var replace bool
	c := &cobra.Command{
		Use: "append NAME[@VERSION] FILE", Short: "Append the rows of a file to a dataset, as its next version",
		Long: `Append the rows of a CSV, JSON, Parquet or Arrow file to a dataset, as its next version; - is
standard input. Rows follow the last value of their asset, and may have new assets. A row that
the dataset has already changes nothing, so a command may be repeated. Any other row at or
before the end of its asset is a fault, with its line, unless --replace takes it.

With NAME@VERSION, the command fails when there is a newer version: then somebody else has
changed the dataset.`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			name, version, ok := job.DatasetName(args[0])
			if !ok {
				return usagef("%q is neither the name of a dataset nor name@version", args[0])
			}
			in, kind, err := a.upload(c.Context(), args[1], format)
			if err != nil {
				return err
			}
			defer in.Close()
			s, err := a.services()
			if err != nil {
				return err
			}
			d, err := s.frontend.AppendDataset(c.Context(), name, version, in, kind, reading, replace)
			if err != nil {
				return err
			}
			return a.show(d, func(w io.Writer) { printAudit(w, d) })
		},
	}
	c.Flags().StringVar(&format, "format", "", "`format` of the file: csv, json, parquet or arrow (default by its ending, before .gz or .zst)")
	c.Flags().BoolVar(&replace, "replace", false, "also take rows that give earlier values another value, or add values before the end of an asset")
	addReadFlags(c, &reading)
	return c
}

// addReadFlags adds the flags that say how the service reads a file.
func addReadFlags(c *cobra.Command, r *client.Reading) {
	f := c.Flags()
	f.StringVar(&r.ID, "id-column", "", "`name` of the column that identifies the asset, in a long file")
	f.StringVar(&r.Time, "time-column", "", "`name` of the column of times")
	f.StringVar(&r.Value, "value-column", "", "`name` of the column of values, like close or adj_close")
	for old, field := range map[string]*string{"id": &r.ID, "time": &r.Time, "value": &r.Value} { // their names until now
		f.StringVar(field, old, "", "the same as --"+old+"-column")
		f.Lookup(old).Hidden = true
	}
	f.StringVar(&r.AssetName, "asset-name", "", "`name` of the asset, if the file has one and does not name it")
	f.StringSliceVar(&r.Columns, "columns", nil, "`names` of the columns of values to read, like DAX,SMI or eu_* (default all)")
	f.StringSliceVar(&r.Drop, "drop", nil, "`names` of columns to leave out, like sky or note*")
	f.StringSliceVar(&r.X, "x", nil, "`names` of columns that are known in advance, like promo,price, for jobs to name; the rows after the last value have their future values")
	f.BoolVar(&r.NumberRows, "number-rows", false, "number the rows in place of a column of times")
	f.StringVar(&r.TimeFormat, "time-format", "", "`format` of the times: yyyymmdd, yyyymm, yyyyww, year, epoch, epoch-ms, epoch-us, epoch-ns, excel, step, or a pattern like %d/%m/%Y")
	f.StringVar(&r.Timezone, "timezone", "", "time `zone` of times that name none, in which days begin, like Europe/Berlin or +09:00")
	f.StringVar(&r.Decimal, "decimal", "", "decimal `mark` of numbers in text: . or ,")
	f.StringVar(&r.Thousands, "thousands", "", "`mark` between the thousands of numbers in text: . , ' a space, or none")
	f.StringVar(&r.Duplicates, "duplicates", "", "`policy` for rows that repeat the asset and the time of an earlier row: fail, first, last, mean or sum (default fail)")
	f.StringVar(&r.Freq, "freq", "", "`frequency` as pandas writes it, or an exchange, such as "+strings.Join(job.Freqs(), ", ")+" (default from the times)")
}

// upload opens a file for upload and finds its content type.
func (a *app) upload(ctx context.Context, path, ending string) (io.ReadCloser, string, error) {
	kind := mediaType(cmp.Or(ending, filepath.Ext(format.Unpacked(path))))
	if kind == "" {
		return nil, "", usagef("cannot tell the format of %s: give --format csv, json, parquet or arrow", path)
	}
	if path == "-" {
		return io.NopCloser(a.stdin(ctx)), kind, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", usagef("read the dataset: %w", err)
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		f.Close()
		return nil, "", usagef("%s is a directory", path)
	}
	return f, kind, nil
}

// printAudit prints what an upload became, and what was found in it.
func printAudit(w io.Writer, d client.Version) {
	line(w, "%s@%d: %s, %s, %s to %s, %s", d.Name, d.Version,
		counted(int64(d.Audit.Assets), "asset", "assets"), counted(d.Audit.Values, "value", "values"), d.Audit.From, d.Audit.To, cmp.Or(d.Audit.Calendar, "no common frequency"))
	if d.Audit.AppendedTo > 0 {
		replaced := ""
		if n := d.Audit.Replaced; n > 0 {
			replaced = ", which replaced " + counted(n, "value", "values")
		}
		line(w, "  %s appended to %s@%d%s", counted(d.Audit.Rows, "row was", "rows were"), d.Name, d.Audit.AppendedTo, replaced)
	}
	if d.Audit.Source != "" {
		line(w, "  fetched from %s", d.Audit.Source)
	}
	if d.Audit.Dialect != "" {
		line(w, "  read as a file %s", d.Audit.Dialect)
	}
	for _, note := range d.Audit.Notes {
		line(w, "  %s", note)
	}
	if len(d.Further) > 0 {
		line(w, "  jobs use the column %s, or with --column %s", d.Column, columnNames(d.Further))
	}
	for _, c := range d.X {
		missing := ""
		if n := c.Audit.Missing.Count + c.Audit.NonFinite.Count; n > 0 {
			missing = ", " + counted(n, "missing value", "missing values") + places(append(c.Audit.Missing.First, c.Audit.NonFinite.First...))
		}
		line(w, "  known in advance, for --x: %s, %s to %s%s", c.Column, c.Audit.From, c.Audit.To, missing)
	}
	for _, f := range []struct {
		one, many string
		found     client.Findings
	}{
		{"row merged with an earlier one", "rows merged with an earlier one", d.Audit.Merged},
		{"missing value", "missing values", d.Audit.Missing},
		{"infinite value, taken as missing", "infinite values, taken as missing", d.Audit.NonFinite},
		{"value of zero or less", "values of zero or less", d.Audit.NonPositive},
		{"row out of order", "rows out of order", d.Audit.Unsorted},
		{"gap", "gaps", d.Audit.Gaps},
		{"jump that looks like a split", "jumps that look like splits", d.Audit.Splits},
		{"asset without any value", "assets without any value", d.Audit.Empty},
		{"remark on the zone", "remarks on the zone", d.Audit.Zones},
		{"time off the calendar", "times off the calendar", d.Audit.OffCalendar},
		{"time in the period of another", "times in the period of another", d.Audit.SamePeriod},
		{"asset whose times follow no rule", "assets whose times follow no rule", d.Audit.Irregular},
	} {
		if f.found.Count == 0 {
			continue
		}
		line(w, "  %s%s", counted(f.found.Count, f.one, f.many), places(f.found.First))
	}
	if d.Audit.Filled > 0 {
		line(w, "  %s filled with the previous value", counted(d.Audit.Filled, "missing value was", "missing values were"))
	}
}

// counted writes a number and what is counted, in the singular or the plural.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// columnNames lists the names of columns.
func columnNames(all []client.Column) string {
	var names []string
	for _, c := range all {
		names = append(names, c.Column)
	}
	return strings.Join(names, ", ")
}

// places names the first three places of findings.
func places(found []client.Finding) string {
	var b strings.Builder
	for i, f := range found[:min(len(found), 3)] {
		b.WriteString([]string{": ", "; ", "; "}[i])
		if f.Line > 0 {
			fmt.Fprintf(&b, "line %d ", f.Line)
		}
		if f.Asset != "" {
			b.WriteString(f.Asset + " ")
		}
		b.WriteString(f.Reason)
	}
	return b.String()
}

func (a *app) datasetSynth() *cobra.Command {
	var room classroom
	c := &cobra.Command{
		Use: "synth NAME", Short: "Make classroom data and upload it",
		Long: `Make classroom data and upload it: assets named 1, 2, 3 …, a price for each day, and
seeded noise. The same numbers give the same data on every machine.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := room.check(); err != nil {
				return err
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			read, write := io.Pipe()
			go func() { write.CloseWithError(room.write(write)) }()
			defer read.Close()
			d, err := s.frontend.UploadDataset(c.Context(), args[0], read, mediaType("csv"), client.Reading{})
			if err != nil {
				return err
			}
			return a.show(d, func(w io.Writer) { printAudit(w, d) })
		},
	}
	c.Flags().IntVar(&room.Assets, "assets", 100, "number of assets")
	c.Flags().IntVar(&room.Days, "days", 300, "days per asset")
	c.Flags().Uint64Var(&room.Seed, "seed", 1, "seed of the noise")
	return c
}
