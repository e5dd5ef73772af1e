package series

import (
	"fmt"
	"slices"
	"time"

	"foliocast/internal/series/timetext"
)

// integers are the distinct times of a column of integers, in ascending order.
type integers []int64

// all reports whether a form reads all integers.
func (x integers) all(form string) bool {
	f, _ := formNamed(form)
	return !slices.ContainsFunc(x, func(n int64) bool { _, ok := f.read(n); return !ok })
}

// within reports whether all integers are from low to high.
func (x integers) within(low, high int64) bool { return x[0] >= low && x[len(x)-1] <= high }

// even reports whether there are more than two integers, and neighbors are equally far apart.
func (x integers) even() bool {
	for k := 2; k < len(x); k++ {
		if x[k]-x[k-1] != x[1]-x[0] {
			return false
		}
	}
	return len(x) > 2
}

// distinctTimes are the distinct times of the file, or nil if none of them is large enough to be anything but a step.
func (s *source) distinctTimes() integers {
	var all []int64
	var last []int64
	high := int64(0)
	for _, c := range s.columns {
		if len(c.times) == 0 || sameSlice(c.times, last) {
			continue
		}
		last = c.times
		high = max(high, slices.Max(c.times))
		all = append(all, c.times...)
	}
	if high < 1000 {
		return nil
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// called reports whether a word of the name of the column of times is one of the given, or the name ends with one.
func (b *Builder) called(names ...string) bool {
	return slices.ContainsFunc(append(words(b.Columns[b.Time]), plain(b.Columns[b.Time])), func(w string) bool { return slices.Contains(names, w) })
}

// guessForm finds what integers mean that may be times.
func (b *Builder) guessForm() (string, error) {
	x := b.source.distinctTimes()
	if x == nil {
		return "step", nil
	}
	ways := []func(integers) (string, error){b.guessDays, b.guessReversedDays, b.guessShortDays, b.guessMonths, b.guessEpoch, b.guessExcel}
	for _, way := range ways {
		if form, err := way(x); form != "" || err != nil {
			return form, err
		}
	}
	if b.called("year", "jahr") && x.within(1000, 2999) {
		return "year", nil
	}
	if b.called("date", "datum", "datetime", "timestamp") && !x.within(1000, 2999) && len(x) > 2 && !x.even() {
		return "", b.doubt("%d may be a date in a form that is not read, such as days since 1970: write dates like 2024-01-31, or say --time-format step", x[0])
	}
	return "step", nil
}

// hasSteps reports whether the name says that the column has steps, or nothing says what it has.
func (b *Builder) hasSteps() bool { return b.guessed || plain(b.Columns[b.Time]) == "step" }

// doubt is the error for integers that may be times, or not.
func (b *Builder) doubt(format string, args ...any) error {
	return Reject("column %q: %s", b.Columns[b.Time], fmt.Sprintf(format, args...))
}

// guessDays finds days of eight digits, and times of day behind them.
func (b *Builder) guessDays(x integers) (string, error) {
	const first, last = 19000101, 21001231
	for _, form := range []struct {
		name string
		unit int64
	}{{"yyyymmdd", 1}, {"yyyymmddhh", 100}, {"yyyymmddhhmm", 10_000}, {"yyyymmddhhmmss", 1_000_000}} {
		if x.within(first*form.unit, (last+1)*form.unit) && x.all(form.name) && (form.unit == 1 || len(x) > 2) {
			return form.name, nil
		}
	}
	isDay := func(n int64) bool { _, ok := compactDay(n); return ok && n >= first && n <= last }
	at := slices.IndexFunc(x, isDay)
	if at < 0 && !x.within(first, last) || x[0] < first && x.even() {
		return "", b.guessYearDays(x)
	}
	other := x[slices.IndexFunc(x, func(n int64) bool { return !isDay(n) })]
	if at < 0 {
		return "", b.doubt("%d looks like a date, but there is no such day: say --time-format, yyyymmdd or step", other)
	}
	return "", b.doubt("%d is a day, but %d is not: say --time-format, yyyymmdd or step", x[at], other)
}

// guessReversedDays is the error for days with the year last, such as 31122024.
func (b *Builder) guessReversedDays(x integers) (string, error) {
	if b.hasSteps() || !x.within(1_01_1900, 31_12_2100) {
		return "", nil
	}
	reads := func(day, month int64) bool {
		return !slices.ContainsFunc(x, func(n int64) bool {
			_, ok := compactDay(n%10_000*10_000 + n/month%100*100 + n/day%100)
			return !ok || n%10_000 < 1900 || n%10_000 > 2100
		})
	}
	for _, form := range []struct {
		pattern    string
		day, month int64
	}{{"%d%m%Y", 1_000_000, 10_000}, {"%m%d%Y", 10_000, 1_000_000}} {
		if reads(form.day, form.month) {
			return "", b.doubt("%d may be a day with its year last: say --time-format, %s or step", x[0], form.pattern)
		}
	}
	return "", nil
}

// guessShortDays is the error for days of six digits, such as 240131, which also months, weeks and steps have.
func (b *Builder) guessShortDays(x integers) (string, error) {
	if plain(b.Columns[b.Time]) == "step" || x.within(190001, 210099) && x.all("yyyymm") {
		return "", nil
	}
	isDay := func(n int64) bool { _, ok := compactDay(20_000_000 + n); return ok }
	if !x.within(101, 991231) || slices.ContainsFunc(x, func(n int64) bool { return !isDay(n) }) {
		return "", nil
	}
	if named := b.called("date", "datum", "datetime", "day", "tag", "yymmdd"); !named && (x.even() || x[0]/100 == x[len(x)-1]/100) {
		return "", nil
	}
	return "", b.doubt("%d may be a day of a year of two digits: say --time-format, %%y%%m%%d or step", x[len(x)-1])
}

// guessYearDays is the error for days of the year like 2024366.
func (b *Builder) guessYearDays(x integers) error {
	if b.hasSteps() || !x.within(1900001, 2100366) || slices.ContainsFunc(x, func(n int64) bool { return n%1000 < 1 || n%1000 > 366 }) {
		return nil
	}
	return b.doubt("%d may be a day of a year: say --time-format, %%Y%%j or step", x[0])
}

// guessMonths finds months and weeks of six digits.
func (b *Builder) guessMonths(x integers) (string, error) {
	if !x.within(190001, 210099) {
		return "", nil
	}
	weeks := b.called(weekNames...)
	crosses := func(last func(year int64) int64) bool { // from the last month or week of a year to the next
		some := false
		for k := 1; k < len(x); k++ {
			if year := x[k-1] / 100; x[k]/100 != year {
				if x[k-1]%100 != last(year) || x[k] != 100*(year+1)+1 {
					return false
				}
				some = true
			}
		}
		return some
	}
	switch {
	case x.all("yyyymm") && !weeks && (!b.hasSteps() || crosses(func(int64) int64 { return 12 })):
		return "yyyymm", nil
	case x.all("yyyyww") && (weeks || crosses(func(year int64) int64 { return weeksOf(year) })):
		return "yyyyww", nil
	case b.hasSteps() && x.even() && !(b.guessed && x.all("yyyyww")):
		return "", nil
	}
	return "", b.doubt("%d may be a month or a week of a year, and not all of the %d numbers agree with one of them: say --time-format, yyyymm, yyyyww (weeks of ISO 8601) or step", x[len(x)-1], len(x))
}

func weeksOf(year int64) int64 { return int64(timetext.WeeksOf(int(year))) }

// guessEpoch finds instants of 1990 to 2100.
func (b *Builder) guessEpoch(x integers) (string, error) {
	const first, last = 631_152_000, 4_102_444_800
	unit := int64(1)
	for _, form := range []string{"epoch", "epoch-ms", "epoch-us", "epoch-ns"} {
		switch {
		case !x.within(first*unit, last*unit):
		case !b.hasSteps():
			return form, nil
		case b.guessed || !x.even():
			f, _ := formNamed(form)
			return "", b.doubt("%d may be %s: say --time-format, %s or step", x[0], f.what, form)
		}
		unit *= 1000
	}
	if b.called("unix", "epoch", "unixtime") {
		return "", b.doubt("the numbers are not all within the years 1990 to 2100, as seconds, milliseconds, microseconds or nanoseconds since 1970: say --time-format, epoch, epoch-ms, epoch-us or epoch-ns")
	}
	return "", nil
}

// guessExcel finds serial numbers of Excel under the name of a date, where they fall on days as dates do: on the first or the
// last of a month, on one weekday, or on no weekend. Under another name such numbers are in doubt.
func (b *Builder) guessExcel(x integers) (string, error) {
	named := b.called("date", "ds", "day", "datum", "tag", "datetime", "month", "week", "quarter", "period", "monat", "woche")
	if !x.within(20_000, 60_000) || plain(b.Columns[b.Time]) == "step" {
		return "", nil
	}
	firsts, lasts, weeks, weekend, monday := true, true, len(x) > 2, false, false
	for k, n := range x {
		days := n - excelEpoch
		firsts = firsts && isFirst(days)
		lasts = lasts && isFirst(days+1)
		weekend = weekend || ((days+3)%7+7)%7 > 4 // 1970-01-01 was a Thursday
		if k > 0 {
			weeks = weeks && (n-x[k-1])%7 == 0
			monday = monday || n-x[k-1] == 3
		}
	}
	switch certain := len(x) > 2 && (firsts || lasts) || !weekend && monday && len(x) > 5; {
	case named && (certain || weeks):
		return "excel", nil
	case !named && !certain:
		return "", nil
	}
	return "", b.doubt("%d may be a serial number of Excel or a step: say --time-format, excel or step", x[0])
}

// isFirst reports whether a date is the first of a month.
func isFirst(days int64) bool { return time.Unix(days*24*60*60, 0).UTC().Day() == 1 }
