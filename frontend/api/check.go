package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"foliocast/frontend/store"
	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

// findVersion is the store's Version or RecentVersion.
type findVersion func(ctx context.Context, name string, version int) (store.Version, error)

// versions are what a job is about: the version of its dataset, with the column that
// it means, the columns that are known in advance, and the version of the dataset with
// exchange rates, if it names one.
type versions struct {
	data  store.Version
	x     []job.Dataset
	rates *job.Dataset
}

// check finds every fault of a job. It also returns the dataset versions that the
// job is about, which find looks up. The error says why the job cannot be checked.
func check(ctx context.Context, b *Backend, spec job.Spec, find findVersion) (versions, []problem.Fault, error) {
	if faults := spec.CountFaults(); faults != nil {
		return versions{}, faults, nil
	}
	faults := spec.Validate()
	rates, more, err := checkRates(ctx, b, spec)
	if err != nil {
		return versions{}, nil, err
	}
	faults = append(faults, more...)
	if more, err = checkAfter(ctx, b, spec); err != nil {
		return versions{}, nil, err
	}
	faults = append(faults, more...)
	name, version, ok := job.DatasetName(spec.Dataset)
	if !ok {
		return versions{}, faults, nil
	}
	v, err := find(ctx, name, version)
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return versions{}, append(faults, problem.Fault{Pointer: "/dataset", Detail: p.Detail}), nil
	}
	if err != nil {
		return versions{}, nil, err
	}
	v, reason := choose(v, spec.Column)
	if reason != "" {
		faults = append(faults, problem.Fault{Pointer: "/column", Detail: reason})
	}
	table, done, err := b.Archive.Table(v.SHA256)
	if err != nil {
		return versions{}, nil, missing(v, err)
	}
	defer done()
	faults = append(faults, checkAssets(v, table, spec)...)
	if spec.All() {
		faults = append(faults, spec.SizeFaults(table.Len())...)
		faults = append(faults, spec.BacktestFaults(table.Len())...)
		faults = append(faults, spec.ScenarioFaults(table.Names())...)
	}
	faults = append(faults, checkWeights(table, spec)...)
	faults = append(faults, checkRange(table, spec)...)
	faults = append(faults, checkHoldings(table, spec)...)
	x, more, err := checkX(b, v, table, spec)
	if err != nil {
		return versions{}, nil, err
	}
	return versions{v, x, rates}, unique(append(faults, more...)), nil
}

// checkAssets finds the assets that the dataset does not have.
func checkAssets(v store.Version, table *series.Table, spec job.Spec) []problem.Fault {
	var faults []problem.Fault
	if spec.All() {
		return nil
	}
	for i, a := range spec.Assets {
		if _, ok := table.Index(a); !ok && a != "" && a != "*" {
			faults = problem.Addf(faults, fmt.Sprintf("/assets/%d", i), "dataset %s@%d has no asset %q", v.Name, v.Version, a)
		}
	}
	return faults
}

// checkWeights finds weights without an asset, and assets without a weight.
func checkWeights(table *series.Table, spec job.Spec) []problem.Fault {
	if spec.Weights == nil {
		return nil
	}
	assets := spec.Assets
	if spec.All() {
		assets = table.Names()
	}
	_, faults := job.NormalisedWeights(spec.Weights, assets)
	return faults
}

// checkRange finds times that cannot be read, a range in which no asset of the job
// has a value, and a frequency or a patience that does not fit the times. It takes
// the same steps as the calculation.
func checkRange(table *series.Table, spec job.Spec) []problem.Fault {
	var faults []problem.Fault
	taken := func(changed *series.Table, err error) {
		if field, ok := errors.AsType[*series.FieldError](err); ok {
			faults = append(faults, problem.Fault{Pointer: "/" + field.Field, Detail: field.Reason})
		}
		if err == nil {
			table = changed
		}
	}
	taken(table.AsOf(spec.AsOf))
	taken(table.Window(spec.From, spec.To))
	if len(faults) == 0 {
		faults = append(faults, checkEmpty(table, spec)...)
	}
	if f := series.Freq(spec.Freq); f != "" && f.Valid() {
		taken(table.WithFreq(f, string(spec.Resample), jobAssets(table, spec)...))
	}
	_, err := table.Stale(jobAssets(table, spec), spec.Stale)
	taken(table, err)
	if len(faults) == 0 {
		faults = checkOrigins(table, spec)
	}
	return unique(faults)
}

// checkOrigins finds a backtest that holds out more than the longest of its series has.
func checkOrigins(table *series.Table, spec job.Spec) []problem.Fault {
	if !spec.Backtest() || spec.Origins < 1 || spec.Horizon < 1 {
		return nil
	}
	longest := 0
	for _, i := range jobAssets(table, spec) {
		longest = max(longest, table.Count(i))
	}
	if spec.All() {
		for i := range table.Len() {
			longest = max(longest, table.Count(i))
		}
	}
	if fault := job.OriginsFault(longest, spec.Origins, spec.Horizon); fault != "" {
		return []problem.Fault{{Pointer: "/origins", Detail: fault}}
	}
	return nil
}

// checkEmpty finds a job whose assets have no value in its range.
func checkEmpty(window *series.Table, spec job.Spec) []problem.Fault {
	if spec.From == "" && spec.To == "" && spec.AsOf == "" || spec.All() {
		return nil
	}
	known := jobAssets(window, spec)
	if len(known) == 0 || slices.ContainsFunc(known, func(i int) bool { return window.Count(i) > 0 }) {
		return nil
	}
	pointer := "/from"
	switch {
	case spec.From == "" && spec.To == "":
		pointer = "/as_of"
	case spec.From == "":
		pointer = "/to"
	}
	return []problem.Fault{{Pointer: pointer, Detail: "none of the job's assets has a value in this range"}}
}

// unique drops repeated faults.
func unique(faults []problem.Fault) []problem.Fault {
	seen := make(map[problem.Fault]bool, len(faults))
	return slices.DeleteFunc(faults, func(f problem.Fault) bool {
		again := seen[f]
		seen[f] = true
		return again
	})
}

// jobAssets are the numbers of the job's assets that the table has, or nil for all.
func jobAssets(table *series.Table, spec job.Spec) []int {
	if spec.All() {
		return nil
	}
	var out []int
	for _, name := range spec.Assets {
		if i, ok := table.Index(name); ok {
			out = append(out, i)
		}
	}
	return out
}
