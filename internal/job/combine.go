package job

import (
	"iter"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"foliocast/internal/problem"
)

// currencyPattern is the form of a currency's code: EUR, GBp, USDT.
var currencyPattern = regexp.MustCompile(`^[A-Za-z0-9]{2,12}$`)

// validateCombination checks how the assets become the overall forecast.
func (s Spec) validateCombination(f *faults) {
	if !slices.Contains([]Combine{Mean, Value, Return}, s.Combine) {
		f.add("/combine", "must be mean, value or return, is %q", s.Combine)
		return
	}
	switch {
	case s.Combine != Value && s.Holdings != nil:
		f.add("/holdings", "belongs to combine value, and combine is %s", s.Combine)
	case s.Combine == Value && s.Holdings == nil:
		f.add("/holdings", "must say how many units of each asset the portfolio has when combine is value")
	case s.Combine == Value && s.Weights != nil:
		f.add("/weights", "does not apply when combine is value, where holdings say how much each asset counts: leave it out")
	}
	f.addAll(holdingFaults(s.Holdings))
	if !s.All() {
		f.addAll(unknown("/holdings", maps.Keys(s.Holdings), s.Assets))
		f.addAll(unknown("/currency", maps.Keys(s.Currency), s.Assets))
	}
	s.validateCurrencies(f)
}

// validateCurrencies checks currency, base and rates, which belong together.
func (s Spec) validateCurrencies(f *faults) {
	if s.Base != "" && !currencyPattern.MatchString(s.Base) {
		f.add("/base", "must be the code of a currency, 2 to 12 letters and digits, is %q", s.Base)
	}
	if _, _, ok := DatasetName(s.Rates); s.Rates != "" && !ok {
		f.add("/rates", "must be a name of a-z 0-9 . _ -, or name@version, is %q", s.Rates)
	}
	if len(s.Currency) == 0 {
		if s.Currency != nil {
			f.add("/currency", "must not be empty: leave it out when all assets are in one currency")
		}
		if s.Base != "" {
			f.add("/base", "needs currency, which says what the assets' values are in")
		}
		if s.Rates != "" {
			f.add("/rates", "needs currency and base, which say what to convert")
		}
		return
	}
	foreign := make(map[string]bool)
	for _, a := range slices.Sorted(maps.Keys(s.Currency)) {
		c := s.Currency[a]
		if !currencyPattern.MatchString(c) {
			f.add("/currency/"+problem.Escape(a), "must be the code of a currency, 2 to 12 letters and digits, is %q", c)
		}
		if c != s.Base {
			foreign[c] = true
		}
	}
	switch {
	case s.Base == "":
		f.add("/base", "must name the currency of the overall forecast when assets have currencies")
	case len(foreign) > 0 && s.Rates == "":
		f.add("/rates", "must name the dataset that has the price of %s in %s", strings.Join(slices.Sorted(maps.Keys(foreign)), ", "), s.Base)
	}
}

// holdingFaults returns the faults of holdings that do not depend on the assets.
func holdingFaults(holdings map[string]float64) faults {
	var f faults
	if holdings == nil {
		return nil
	}
	some := false
	for _, a := range slices.Sorted(maps.Keys(holdings)) {
		units := holdings[a]
		if math.IsNaN(units) || math.IsInf(units, 0) {
			f.add("/holdings/"+problem.Escape(a), "must be a finite number, is %v", units)
		}
		some = some || units != 0
	}
	switch {
	case len(holdings) == 0:
		f.add("/holdings", "must not be empty")
	case f == nil && !some:
		f.add("/holdings", "must not all be 0")
	}
	return f
}

// Units returns the holding of each asset, in the order of assets. An asset without
// a holding and a holding without an asset are faults, in addition to those of Validate.
func Units(holdings map[string]float64, assets []string) ([]float64, []problem.Fault) {
	f := holdingFaults(holdings)
	units := f.inOrder(holdings, assets, "/holdings", "number of units")
	if f != nil {
		return nil, f
	}
	return units, nil
}

// Currencies returns the currency of each asset, in the order of assets: base for
// those that currency does not name. A currency without an asset is a fault.
func (s Spec) Currencies(assets []string) ([]string, []problem.Fault) {
	of := make([]string, len(assets))
	named := 0
	for i, a := range assets {
		c, ok := s.Currency[a]
		if !ok {
			c = s.Base
		} else {
			named++
		}
		of[i] = c
	}
	if named < len(s.Currency) {
		return nil, unknown("/currency", maps.Keys(s.Currency), assets)
	}
	return of, nil
}

// unknown lists the names under a field that are not among the assets.
func unknown(field string, names iter.Seq[string], assets []string) (f faults) {
	sorted := slices.Sorted(names)
	if len(sorted) == 0 {
		return nil
	}
	known := make(map[string]bool, len(assets))
	for _, a := range assets {
		known[a] = true
	}
	for _, name := range sorted {
		if !known[name] {
			f.add(field+"/"+problem.Escape(name), "names an asset that is not in assets")
		}
	}
	return f
}
