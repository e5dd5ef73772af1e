package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

// checkX finds the columns that a job names as known in advance, and a fault for each
// that the version does not have, or that lacks a value which a forecast needs: at the
// times of the values, and at the steps after them, of which a backtest has none.
func checkX(b *Backend, v store.Version, table *series.Table, spec job.Spec) ([]job.Dataset, []problem.Fault, error) {
	if len(spec.X) == 0 {
		return nil, nil, nil
	}
	var columns []job.Dataset
	var faults []problem.Fault
	used, ok := usedPart(table, spec)
	for i, name := range spec.X {
		c, reason := columnNamed(v, name)
		if reason == "" && ok {
			var err error
			if reason, err = lacks(b, v, c, used, spec); err != nil {
				return nil, nil, err
			}
		}
		if reason != "" {
			faults = append(faults, problem.Fault{Pointer: fmt.Sprintf("/x/%d", i), Detail: reason})
			continue
		}
		columns = append(columns, c)
	}
	return columns, faults, nil
}

// columnNamed is a further column of a version, or the reason why the version lacks it.
func columnNamed(v store.Version, name string) (job.Dataset, string) {
	at := slices.IndexFunc(v.Further, func(c store.Column) bool { return c.Column == name })
	if at >= 0 {
		c := v.Further[at]
		return job.Dataset{Name: v.Name, Version: v.Version, Column: c.Column, SHA256: c.SHA256, Bytes: c.Bytes}, ""
	}
	text := fmt.Sprintf("dataset %s@%d has no column %q that is known in advance", v.Name, v.Version, name)
	if len(v.Further) == 0 {
		return job.Dataset{}, text + ": an upload names them with x"
	}
	return job.Dataset{}, text + ", only " + strings.Join(columnsOf(v)[1:], ", ")
}

// usedPart is the part of a table that a job reads, with the job's frequency. It is
// false for a job whose range or frequency has faults, which other checks find.
func usedPart(table *series.Table, spec job.Spec) (*series.Table, bool) {
	used, err := table.AsOf(spec.AsOf)
	if err == nil {
		used, err = used.Window(spec.From, spec.To)
	}
	if err == nil {
		used, err = used.WithFreq(series.Freq(spec.Freq), "", jobAssets(used, spec)...)
	}
	hasHorizon := !slices.ContainsFunc(spec.Validate(), func(f problem.Fault) bool { return f.Pointer == "/horizon" })
	return used, err == nil && hasHorizon
}

// lacks says what the values of a column lack for the job's assets, or nothing. An asset
// that is an error of its own, because it has no value or ends long before the others,
// needs none.
func lacks(b *Backend, v store.Version, c job.Dataset, used *series.Table, spec job.Spec) (string, error) {
	x, done, err := b.Archive.Table(c.SHA256)
	if err != nil {
		return "", missing(v, err)
	}
	defer done()
	assets := jobAssets(used, spec)
	if assets == nil {
		for i := range used.Len() {
			assets = append(assets, i)
		}
	}
	var old []series.Stale
	steps := 0
	if !spec.Backtest() {
		if old, err = used.Stale(assets, spec.Stale); err != nil {
			return "", nil // checkRange reports it
		}
		steps = spec.Horizon
	}
	first, more := "", 0
	next := make(map[series.Span][]series.Time)
	for _, i := range assets {
		if used.Count(i) == 0 || slices.ContainsFunc(old, func(s series.Stale) bool { return s.Asset == i }) {
			continue
		}
		span := used.Span(i)
		if next[span] == nil {
			next[span] = used.Next(i, steps)
		}
		_, err := used.Beside(i, next[span], x, c.Column)
		field, lacking := errors.AsType[*series.FieldError](err)
		switch {
		case lacking && first == "":
			first = field.Reason
		case lacking:
			more++
		}
	}
	if more > 0 {
		first += fmt.Sprintf("; it lacks values for %d more of the assets", more)
	}
	return first, nil
}
