package job

import (
	"fmt"
	"strings"
)

// Pair is an exchange rate in a dataset of rates.
type Pair struct {
	Asset   string // the name of the pair in the dataset
	Inverse bool   // whether the rate is 1 divided by the value of the pair
}

// FindPair finds the price of one unit of a currency in another, base, among the
// assets of a dataset; has reports whether the dataset has an asset. For EUR in USD,
// the pair is called EURUSD, EUR/USD, EUR-USD, EUR_USD or EURUSD=X, or the same for USD
// in EUR, which is the inverse. The name of one currency alone does not say which of the
// two it is the price of, and is not taken. The error says that the dataset lacks the
// pair, or has several.
func FindPair(currency, base string, has func(asset string) bool) (Pair, error) {
	for _, inverse := range []bool{false, true} {
		one, other := currency, base
		if inverse {
			one, other = base, currency
		}
		var found []string
		for _, name := range []string{one + other, one + "/" + other, one + "-" + other, one + "_" + other, one + other + "=X"} {
			if has(name) {
				found = append(found, name)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return Pair{found[0], inverse}, nil
		default:
			return Pair{}, fmt.Errorf("the rates have the price of one %s in %s more than once, as %s: leave one", one, other, strings.Join(found, " and "))
		}
	}
	hint := ""
	if has(currency) {
		hint = fmt.Sprintf("; the name %s alone does not say whether it is the price of one %s or of one %s", currency, currency, base)
	}
	return Pair{}, fmt.Errorf("the rates have no pair %s%s, the price of one %s in %s, and no %s%s%s", currency, base, currency, base, base, currency, hint)
}

// ForeignCurrencies lists the currencies of the assets that are not the base, each
// once, in the order of the assets. The list of currencies is that of [Spec.Currencies].
func ForeignCurrencies(currencies []string, base string) []string {
	var foreign []string
	seen := map[string]bool{base: true}
	for _, c := range currencies {
		if !seen[c] {
			foreign = append(foreign, c)
		}
		seen[c] = true
	}
	return foreign
}
