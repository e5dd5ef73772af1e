package series

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The fields of the bar of a price, as [plain] writes them, and those that come with bars.
var (
	barNames   = []string{"open", "high", "low", "close", "adjclose", "adjustedclose", "adjusted", "volume", "vol", "price", "last", "settle"}
	besideBars = []string{"dividends", "stocksplits", "splits", "capitalgains", "openint", "openinterest", "vwap", "turnover", "amount",
		"trades", "numtrades", "change", "changepercent", "repaired", "per", "stuecke", "stücke", "dividend", "dividendamount", "exdividend",
		"divcash", "splitcoefficient", "splitratio", "splitfactor", "adjopen", "adjhigh", "adjlow", "adjvolume", "tickvol", "tickvolume", "spread", "marketcap", "totalvolume",
		"return", "returns"}
	// Those that only stand beside a price.
	besidePrice = []string{"volume", "vol", "totalvolume", "adjclose", "adjustedclose", "adjusted", "dividends", "stocksplits", "marketcap",
		"openint", "openinterest", "vwap", "change", "changepercent", "return", "returns"}
	// The fields of a bar in one letter, which count only all together, and what comes with them.
	shortBars      = map[string]string{"o": "open", "h": "high", "l": "low", "c": "close"}
	besideShortBar = map[string]string{"v": "volume", "vw": "vwap", "n": "trades", "oi": "openinterest"}
)

// otherNames are names of the fields of a bar in words that exporters use, and in other languages.
var otherNames = map[string]string{
	"closelast": "close", "closing": "close", "schlusskurs": "close", "schluss": "close", "zuletzt": "close", "clôture": "close",
	"cloture": "close", "dernier": "close", "último": "close", "ultimo": "close", "cierre": "close", "zamkniecie": "close", "zamknięcie": "close",
	"erster": "open", "eröffnung": "open", "eroeffnung": "open", "eröffn": "open", "ouverture": "open", "apertura": "open", "otwarcie": "open",
	"hoch": "high", "plushaut": "high", "máximo": "high", "maximo": "high", "najwyzszy": "high", "najwyższy": "high",
	"tief": "low", "plusbas": "low", "mínimo": "low", "minimo": "low", "najnizszy": "low", "najniższy": "low",
	"volumen": "volume", "wolumen": "volume", "settlement": "settle",
}

// barField is the field of a bar that a name means, or empty. Open, Open Price and PX_OPEN are one field.
func barField(name string) string {
	p := plain(name)
	for _, p := range []string{p, strings.TrimPrefix(strings.TrimSuffix(p, "price"), "px")} {
		if field := otherNames[p]; field != "" {
			return field
		}
		if slices.Contains(barNames, p) || slices.Contains(besideBars, p) {
			return p
		}
	}
	return ""
}

// barSet is the bars of an asset: the places of its columns by field. The asset is empty if the columns do not name it.
type barSet struct {
	asset  string
	places map[string]int
}

// isBars reports whether a set has the closing price and two more fields, or one that only stands beside a price, or what is left
// of bars whose closing price has an unknown name.
func (s *barSet) isBars() bool {
	known, beside := 0, false
	for field := range s.places {
		if slices.Contains(barNames, field) {
			known++
		}
		beside = beside || slices.Contains(besidePrice, field)
	}
	_, closes := s.closing()
	return closes && (known >= 3 || beside) || s.has("open") && s.has("high") && s.has("low")
}

// has reports whether a set has a field.
func (s *barSet) has(field string) bool {
	_, ok := s.places[field]
	return ok
}

// closing is the place of the closing price, or of the price that stands for it.
func (s *barSet) closing() (int, bool) {
	for _, field := range []string{"close", "price", "settle", "last"} {
		if place, ok := s.places[field]; ok {
			return place, true
		}
	}
	return 0, false
}

// barsOf finds the bars among columns, and returns false if there are none.
func (l *Layout) barsOf(among []int) ([]*barSet, bool) {
	if set := l.shortBarsOf(among); set != nil {
		return []*barSet{set}, true
	}
	var sets []*barSet
	index := make(map[string]*barSet)
	for _, i := range among {
		field, asset := l.barOf(i)
		if field == "" {
			continue
		}
		set := index[asset]
		if set == nil {
			set = &barSet{asset, map[string]int{}}
			index[asset], sets = set, append(sets, set)
		}
		if _, twice := set.places[field]; twice {
			return nil, false
		}
		set.places[field] = i
	}
	two := slices.ContainsFunc(among, func(i int) bool { return l.columns[i].Asset != "" })
	sets = slices.DeleteFunc(sets, func(s *barSet) bool { return !two && !s.isBars() })
	return sets, len(sets) > 0
}

// shortBarsOf finds the bars of one asset in columns called o, h, l and c, or returns nil if there are others, as among
// assets named by letters.
func (l *Layout) shortBarsOf(among []int) *barSet {
	set := &barSet{places: map[string]int{}}
	prices := 0
	for _, i := range among {
		name := strings.ToLower(strings.TrimSpace(l.Columns[i]))
		field, price := shortBars[name]
		field = cmp.Or(field, besideShortBar[name])
		if _, twice := set.places[field]; twice || field == "" || l.columns[i].Asset != "" {
			return nil
		}
		if price {
			prices++
		}
		set.places[field] = i
	}
	if prices < len(shortBars) {
		return nil
	}
	return set
}

// barOf splits the name of a column into the field of a bar and an asset: Close, AAPL.Close, Close_AAPL, ('Close', 'AAPL'). The
// field is empty if the name has none.
func (l *Layout) barOf(i int) (field, asset string) {
	name := l.Columns[i]
	if asset := l.columns[i].Asset; asset != "" {
		return cmp.Or(barField(name), plain(name)), asset
	}
	if field := barField(name); field != "" {
		return field, ""
	}
	if inner, tuple := strings.CutPrefix(name, "('"); tuple {
		first, second, _ := strings.Cut(strings.TrimSuffix(inner, "')"), "', '")
		return barSides(first, second)
	}
	for at, c := range name {
		if strings.ContainsRune("._ -|", c) {
			if field, asset := barSides(name[:at], name[at+1:]); field != "" {
				return field, asset
			}
		}
	}
	return "", ""
}

// barSides takes one of two parts of a name for the field, and the other for the asset.
func barSides(a, b string) (field, asset string) {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if field := barField(b); field != "" && a != "" {
		return field, a
	}
	if field := barField(a); field != "" && b != "" {
		return field, b
	}
	return "", ""
}

// takeBars takes one column of each asset's bars: the closing price, or the field that the options name.
func (l *Layout) takeBars(sets []*barSet, rest []int, o Options) error {
	used, taken := make(map[int]bool), make(map[int]bool)
	for _, s := range sets {
		place, err := l.barValue(s, o)
		if err != nil {
			return err
		}
		for _, i := range s.places {
			used[i] = true
		}
		if place >= 0 {
			taken[place] = true
			l.take(place, cmp.Or(s.asset, l.Columns[place]))
		}
	}
	if len(l.Assets) == 0 {
		return l.takeValue(rest, o.Value) // a column beside the bars
	}
	other := slices.DeleteFunc(slices.Clone(rest), func(i int) bool { return used[i] })
	if len(other) > 0 && o.Value == "" {
		text := fmt.Sprintf("the file has the bars of a price (%s) and other columns (%s): say with --columns which are read, or with --value-column which is the value",
			l.listOf(sets[0].sorted()), l.listOf(other))
		if i := slices.IndexFunc(other, func(i int) bool { return l.columns[i].Content == Words }); i >= 0 {
			text += fmt.Sprintf("; if column %q names the assets, say so with --id-column", l.Columns[other[i]])
		}
		return Reject("%s", text)
	}
	left := slices.DeleteFunc(slices.Clone(rest), func(i int) bool { return taken[i] })
	l.noteBars(left)
	l.readBars(sets)
	return nil
}

// sorted are the places of the set in the order of the file.
func (s *barSet) sorted() []int {
	var all []int
	for _, i := range s.places {
		all = append(all, i)
	}
	slices.Sort(all)
	return all
}

// barValue is the column of a set to read, or -1 if the set lacks the field that the options name.
func (l *Layout) barValue(s *barSet, o Options) (int, error) {
	if o.Value == "" {
		if place, ok := s.closing(); ok {
			return place, nil
		}
		if len(s.places) == 1 {
			return s.sorted()[0], nil
		}
		whose := "the price"
		if s.asset != "" {
			whose = "asset " + Quote(s.asset)
		}
		return -1, Reject("%s has no column Close among %s: say with --value-column which is the value", whose, l.listOf(s.sorted()))
	}
	places := s.sorted()
	at := slices.IndexFunc(places, func(i int) bool {
		return s.fieldOf(i) == plain(o.Value) || strings.EqualFold(l.Columns[i], strings.TrimSpace(o.Value))
	})
	if at < 0 { // perhaps another spelling
		at = slices.IndexFunc(places, func(i int) bool { return SameColumn(s.fieldOf(i), o.Value) })
	}
	if at >= 0 {
		return places[at], nil
	}
	if place, ok := s.closing(); ok && PriceColumn(o.Value) == "close" {
		return place, nil
	}
	return -1, nil
}

// noteBars says which columns of the bars are read.
func (l *Layout) noteBars(left []int) {
	what := "the file has the bars of one asset: its series is column"
	if len(l.Assets) > 1 {
		what = fmt.Sprintf("the file has the bars of %d assets: each has its series in column", len(l.Assets))
	}
	l.note("%s %s; not read: %s", what, l.listOf(l.Assets), l.listOf(left))
}

// fieldOf is the field of the set that a column holds.
func (s *barSet) fieldOf(place int) string {
	for field, at := range s.places {
		if at == place {
			return field
		}
	}
	return ""
}

// readBars notes which field of the bars is read, if it is one for all assets, and which fields the file has.
func (l *Layout) readBars(sets []*barSet) {
	read, mixed := "", false
	assets := slices.Sorted(slices.Values(l.Assets))
	var fields []string
	for _, s := range sets {
		for _, place := range s.sorted() {
			field := s.fieldOf(place)
			if at, ok := s.closing(); ok && at == place {
				field = "close"
			}
			fields = append(fields, field)
			if _, taken := slices.BinarySearch(assets, place); taken {
				mixed = mixed || read != "" && !SameColumn(read, field)
				read = field
			}
		}
	}
	if !mixed {
		l.read(read, fields)
	}
}
