package portfolio

import (
	"fmt"
	"slices"

	"foliocast/internal/job"
)

// setWeights sets how much each asset counts: its weight, or the units that are held.
func (p *Plan) setWeights(names []string) error {
	if p.spec.Combine == job.Value {
		units, faults := job.Units(p.spec.Holdings, names)
		if faults != nil {
			return &Error{Code: "holdings", Detail: "the holdings do not fit the assets: " + firstFaults(faults), Field: "holdings"}
		}
		for i, n := range units {
			p.assets[i].weight = n
		}
		return nil
	}
	weights, faults := job.NormalisedWeights(p.spec.Weights, names)
	if faults != nil {
		return &Error{Code: "weights", Detail: "the weights do not fit the assets: " + firstFaults(faults), Field: "weights"}
	}
	for i, w := range weights {
		p.assets[i].weight = w
	}
	return nil
}

// setCurrencies sets the currency of each asset.
func (p *Plan) setCurrencies(names []string) error {
	currencies, faults := p.spec.Currencies(names)
	if faults != nil {
		return &Error{Code: "currency", Detail: "the currencies do not fit the assets: " + firstFaults(faults), Field: "currency"}
	}
	for i, c := range currencies {
		p.assets[i].currency = c
	}
	return nil
}

// setCoefficients sets what the forecast of each asset that counts is multiplied by. Let r be the last rate, of the asset's
// currency in the base, at or before the newest value of the assets, and p the asset's value at the last common date t₀:
//
//	mean    c = w·r   the overall forecast is Σ c·x
//	value   c = n·r   of n units, Σ c·x
//	return  c = w/p   Σ w·(x-p)/p, buy and hold from t₀
//
// Where an asset begins after another has ended there is no t₀, and so no return.
//
// The rate is held for all steps, so that the overall forecast and its intervals are those at the rate of one day; a return in
// the base, with the rate of t₀, is then that in the asset's own currency.
func (p *Plan) setCoefficients(rates *Rates) *Error {
	o := &p.overall
	for _, a := range o.counted {
		a.coef = a.weight
	}
	if p.spec.Combine != job.Return && p.spec.Currency == nil {
		return nil
	}
	o.rated = p.table.End(o.newest.index)
	if p.spec.Combine == job.Return {
		if o.dated {
			last, found := p.lastCommonDate()
			if !found {
				return &Error{Code: "no-common-date", Detail: "the assets have no date in common on which all of them have a value", Field: "combine"}
			}
			o.last, o.rated = last, last
		}
		if err := p.setPrices(); err != nil {
			return err
		}
	}
	return p.convert(rates)
}

// setPrices sets the value from which each asset's return counts.
func (p *Plan) setPrices() *Error {
	o := &p.overall
	for _, a := range o.counted {
		values := p.table.Values(a.index)
		k := len(values) - 1
		if o.dated {
			k = p.table.PositionAt(a.index, o.last)
		}
		if a.price = values[k]; !(a.price > 0) {
			return &Error{Code: "no-price", Detail: fmt.Sprintf("asset %q is %v at %s: a return needs a price above 0", a.name, a.price, p.table.At(a.index, k)), Field: "combine"}
		}
		a.coef = a.weight / a.price
	}
	from := ""
	if o.dated {
		from = " at " + o.last.String()
	}
	o.notes = append(o.notes, "the return counts from the last common prices"+from)
	return nil
}

// convert multiplies the coefficients by the rates, and notes them.
func (p *Plan) convert(rates *Rates) *Error {
	o := &p.overall
	var used []string
	known := make(map[string]float64)
	for _, a := range o.counted {
		if a.currency == p.spec.Base {
			continue
		}
		rate, converted := known[a.currency]
		if !converted {
			quote, err := rates.at(a.currency, p.spec.Base, o.rated, o.dated)
			if err != nil {
				return err
			}
			rate, known[a.currency] = quote.rate, quote.rate
			used = append(used, fmt.Sprintf("one %s is %v %s, the rate of %s", a.currency, rate, p.spec.Base, quote.time))
		}
		if p.spec.Combine != job.Return {
			a.coef *= rate
		}
	}
	slices.Sort(used)
	for _, text := range used {
		o.notes = append(o.notes, text+", held for all steps")
	}
	return nil
}

// term is what the forecast x of an asset adds to the overall forecast.
func (a *asset) term(x float64) float64 {
	if a.price > 0 {
		return a.weight * ((x - a.price) / a.price)
	}
	return a.coef * x
}
