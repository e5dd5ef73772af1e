package portfolio

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/series"
)

// Rates are the exchange rates that a job needs. They keep no part of the table that they come from.
type Rates struct {
	kind  series.Kind
	zone  *time.Location
	pairs map[string]pair // by currency
}

// pair is the price of a currency in the base over time.
type pair struct {
	name    string
	inverse bool
	times   []int64
	values  []float64
}

// ReadRates takes the rates that a valid job needs from a table of them. The error is an *Error when it lacks one.
func ReadRates(spec job.Spec, table *series.Table) (*Rates, error) {
	r := &Rates{kind: table.Kind(), zone: table.Zone(), pairs: make(map[string]pair)}
	currencies := make([]string, 0, len(spec.Currency))
	for _, c := range spec.Currency {
		currencies = append(currencies, c)
	}
	slices.Sort(currencies)
	for _, currency := range job.ForeignCurrencies(currencies, spec.Base) {
		found, err := job.FindPair(currency, spec.Base, func(name string) bool {
			_, ok := table.Index(name)
			return ok
		})
		if err != nil {
			return nil, &Error{Code: "no-rate", Detail: err.Error(), Field: "rates"}
		}
		i, _ := table.Index(found.Asset)
		r.pairs[currency] = pairOf(table, i, found)
	}
	return r, nil
}

// pairOf copies the observed values of a pair.
func pairOf(table *series.Table, i int, found job.Pair) pair {
	p := pair{name: found.Asset, inverse: found.Inverse}
	filled := table.FilledAt(i)
	for k, v := range table.Values(i) {
		if len(filled) > 0 && int(filled[0]) == k {
			filled = filled[1:]
			continue
		}
		p.times, p.values = append(p.times, table.At(i, k).N), append(p.values, v)
	}
	return p
}

// quote is a rate and its time.
type quote struct {
	rate float64
	time series.Time
}

// oldRate is how old a rate may be, unless its own values are further apart.
const oldRate = 14 * 24 * time.Hour

// at is the last rate of a currency in the base at or before a time. dated says whether the time is known.
func (r *Rates) at(currency, base string, last series.Time, dated bool) (quote, *Error) {
	missing := func(format string, args ...any) (quote, *Error) {
		return quote{}, &Error{Code: "no-rate", Detail: fmt.Sprintf(format, args...), Field: "rates"}
	}
	if r == nil {
		return missing("there is no rate of %s in %s: the job names no dataset with rates", currency, base)
	}
	if !dated {
		return missing("there is no rate of %s in %s: the assets count their own steps, and so have no common time", currency, base)
	}
	p := r.pairs[currency]
	limit, comparable := r.limit(last)
	if !comparable {
		return missing("the rates have times of another kind: %s in %s has no rate at %s", currency, base, last)
	}
	k, found := slices.BinarySearch(p.times, limit)
	if !found {
		k--
	}
	if k < 0 {
		return missing("the rates have no value of %s at or before %s, the date of the portfolio", p.name, last)
	}
	at := series.Time{Kind: r.kind, N: p.times[k], Zone: r.zone}
	if r.tooOld(p.times, k, limit) {
		return missing("the rates have no recent value of %s at %s, the date of the portfolio: the last one before is of %s", p.name, last, at)
	}
	v := p.values[k]
	if !(v > 0) {
		return missing("%s is %v at %s, which is not a price", p.name, v, at)
	}
	if p.inverse {
		v = 1 / v
	}
	return quote{v, at}, nil
}

// tooOld reports whether rate k is too old at a time: more than two weeks, or ten steps, and more than twice the distance
// between the rates before.
func (r *Rates) tooOld(times []int64, k int, now int64) bool {
	usual := int64(oldRate / time.Microsecond)
	switch r.kind {
	case series.Step:
		usual = 10
	case series.Date:
		usual = int64(oldRate / (24 * time.Hour))
	}
	if k > 0 {
		usual = max(usual, 2*(times[k]-times[k-1]))
	}
	return now-times[k] > usual
}

// limit is a time of the assets as one of the rates: a date stands for the whole day, and a time of day for its date where the
// rates have dates. It reports false when one counts steps and the other does not.
func (r *Rates) limit(t series.Time) (int64, bool) {
	switch {
	case t.Kind == r.kind:
		return t.N, true
	case t.Kind == series.Step || r.kind == series.Step:
		return 0, false
	case r.kind == series.Date:
		date, _, _ := strings.Cut(strings.Replace(t.String(), "T", " ", 1), " ")
		day, err := time.Parse(time.DateOnly, date)
		return day.Unix() / (24 * 60 * 60), err == nil
	case t.Kind == series.Date:
		at, _ := t.Go()
		zone := time.UTC
		if r.kind == series.Instant && r.zone != nil {
			zone = r.zone
		}
		return time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, zone).UnixMicro() - 1, true
	}
	return t.N, true // times with and without a zone are compared in UTC
}
