package api

import (
	"context"
	"errors"
	"maps"
	"slices"

	"foliocast/internal/job"
	"foliocast/internal/problem"
	"foliocast/internal/series"
)

// checkHoldings finds holdings and currencies without an asset, and assets without a
// holding.
func checkHoldings(table *series.Table, spec job.Spec) []problem.Fault {
	assets := spec.Assets
	if spec.All() {
		assets = table.Names()
	}
	var faults []problem.Fault
	if spec.Holdings != nil {
		_, faults = job.Units(spec.Holdings, assets)
	}
	_, more := spec.Currencies(assets)
	return append(faults, more...)
}

// checkRates finds the version of the dataset with exchange rates, and a fault for each
// pair that the job needs and the version lacks. A job without rates or a base has
// neither. The rates are the newest that are stored now, even when a version was stored
// a moment ago.
func checkRates(ctx context.Context, b *Backend, spec job.Spec) (*job.Dataset, []problem.Fault, error) {
	name, version, ok := job.DatasetName(spec.Rates)
	if !ok || spec.Base == "" {
		return nil, nil, nil
	}
	v, err := b.Store.Version(ctx, name, version)
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return nil, []problem.Fault{{Pointer: "/rates", Detail: p.Detail}}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	table, done, err := b.Archive.Table(v.SHA256)
	if err != nil {
		return nil, nil, missing(v, err)
	}
	defer done()
	var faults []problem.Fault
	for _, currency := range job.ForeignCurrencies(slices.Sorted(maps.Values(spec.Currency)), spec.Base) {
		_, err := job.FindPair(currency, spec.Base, func(asset string) bool {
			_, ok := table.Index(asset)
			return ok
		})
		if err != nil {
			faults = problem.Addf(faults, "/rates", "%v", err)
		}
	}
	return &v.Dataset, faults, nil
}
