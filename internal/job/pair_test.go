package job

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindPair(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		assets []string
		want   Pair
		fault  string
	}{
		"plain":                 {[]string{"GBPUSD", "EURUSD"}, Pair{"EURUSD", false}, ""},
		"with a slash":          {[]string{"EUR/USD"}, Pair{"EUR/USD", false}, ""},
		"as Yahoo writes it":    {[]string{"EURUSD=X"}, Pair{"EURUSD=X", false}, ""},
		"inverse":               {[]string{"USD-EUR"}, Pair{"USD-EUR", true}, ""},
		"the straight one wins": {[]string{"USDEUR", "EUR_USD"}, Pair{"EUR_USD", false}, ""},
		"twice":                 {[]string{"EURUSD", "EUR/USD"}, Pair{}, "as EURUSD and EUR/USD"},
		"none":                  {[]string{"GBPUSD", "eurusd"}, Pair{}, "no pair EURUSD, the price of one EUR in USD, and no USDEUR"},
		// The European Central Bank's table has dollars for one euro in its column USD.
		"one currency alone": {[]string{"EUR"}, Pair{}, "the name EUR alone does not say"},
	} {
		got, err := FindPair("EUR", "USD", func(asset string) bool { return slices.Contains(c.assets, asset) })
		if got != c.want || (err != nil) != (c.fault != "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func ExampleFindPair() {
	_, err := FindPair("JPY", "USD", func(string) bool { return false })
	fmt.Println(err)
	// Output: the rates have no pair JPYUSD, the price of one JPY in USD, and no USDJPY
}

func TestForeignCurrencies(t *testing.T) {
	t.Parallel()
	got := ForeignCurrencies([]string{"EUR", "USD", "GBP", "EUR"}, "USD")
	if d := cmp.Diff([]string{"EUR", "GBP"}, got); d != "" {
		t.Error(d)
	}
}
