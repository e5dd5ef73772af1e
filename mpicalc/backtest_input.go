package main

import (
	"errors"
	"fmt"
	"strings"

	"foliocast/internal/series"
	"foliocast/internal/series/file"
	"foliocast/mpicalc/backtest"
	"foliocast/mpicalc/portfolio"
)

// read reads a file whose times have a frequency, or any when it is empty.
func (b *backtestRun) read(path string, freq series.Freq) (*series.Table, error) {
	options := b.options
	if b.resample == "" { // otherwise the file has finer values
		options.Freq = freq
	}
	if path == b.input {
		options.X = b.x
	}
	table, audit, err := file.Read(path, options)
	if err != nil {
		return nil, inputFault(path, err)
	}
	b.columns, err = readX(path, options, audit, table)
	return table, err
}

// prepare makes of a table what the flags say, as a job does: the values up to a time, at a coarser frequency, and with
// something in place of those that are missing. The result shares the table's values.
func (b *backtestRun) prepare(table *series.Table, asOf string) (*series.Table, error) {
	table, err := table.AsOf(asOf)
	if err == nil && b.resample != "" {
		table, err = table.WithFreq(series.Freq(b.freq), b.resample)
	}
	if err == nil && b.missing != "" {
		table, err = table.WithMissing(b.missing)
	}
	if fault, ok := errors.AsType[*series.FieldError](err); ok {
		return nil, fmt.Errorf("--%s: %s", strings.ReplaceAll(fault.Field, "_", "-"), fault.Reason)
	}
	return table, err
}

// samples returns what there is to forecast.
func (b *backtestRun) samples(source *backtest.Source) (backtest.Samples, error) {
	if b.actual == "" {
		noSteps := func(int) []series.Time { return nil }
		if err := portfolio.CheckColumns(source.Table, backtest.AllAssets(source.Table), noSteps, source.X); err != nil {
			return nil, flagFault(err)
		}
		held, err := backtest.HoldOut(source, backtest.AllAssets(source.Table), b.origins, b.horizon)
		if err != nil {
			return nil, fmt.Errorf("--origins: %w", err)
		}
		b.omitted, b.shortened = held.Omitted, held.Short
		return held, nil
	}
	file, err := b.read(b.actual, "")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	actual := file
	if b.resample != "" { // as the input
		if actual, err = b.prepare(file, ""); err != nil {
			return nil, err
		}
	}
	return b.match(source, actual)
}
