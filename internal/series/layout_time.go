package series

import (
	"fmt"
	"slices"
)

// findTime finds the column of the times: the one that the options name; or else the index of a data frame; or one whose name
// says so, wherever it stands; or the only one whose cells are times; or the first, if it could be. A long file without one is
// rejected later.
func (l *Layout) findTime(o Options) (err error) {
	if o.NumberRows {
		return nil
	}
	if o.Time != "" {
		l.Time, err = l.named("time", o.Time)
		return err
	}
	named := func(is func(name string) bool) func(int) bool {
		return func(i int) bool { return i != l.ID && is(l.Columns[i]) }
	}
	ways := []func(int) bool{
		func(i int) bool { return i != l.ID && l.columns[i].Index && l.columns[i].Content == Times },
		named(func(n string) bool { return slices.Contains(timeNames, plain(n)) }),
		func(i int) bool { return i != l.ID && l.columns[i].Content == Times && namesTime(l.Columns[i]) },
		func(i int) bool { return i != l.ID && l.columns[i].Content == Times },
		named(func(n string) bool { return plain(n) == "step" }),
		named(namesTime),
		named(func(n string) bool { return slices.Contains(unitNames, plain(n)) }),
	}
	for _, way := range ways {
		found := l.places(way)
		if len(found) > 1 {
			found = l.narrow(l.withoutClock(found))
		}
		if len(found) > 1 && !slices.ContainsFunc(found, func(i int) bool { return !l.isPart(i) }) {
			return Reject("the times are in several columns (%s): write them into one, like 2024-01-31", l.listOf(found))
		}
		if len(found) > 1 {
			return l.ambiguous(found, "time", "time")
		}
		if len(found) == 1 {
			l.Time = found[0]
			return nil
		}
	}
	if l.ID < 0 {
		return l.guessTime()
	}
	return nil
}

// withoutClock leaves the column of dates of two columns, when the other has their times of day.
func (l *Layout) withoutClock(found []int) []int {
	isClock := func(i int) bool { return l.columns[i].Clock && !l.columns[i].Midnights && !l.isPart(i) }
	clock := slices.IndexFunc(found, isClock)
	if len(found) != 2 || clock < 0 || l.columns[found[1-clock]].Clock {
		return found
	}
	date := found[1-clock]
	l.Clock = found[clock]
	l.left[l.Clock] = true
	l.note("the times are the dates of column %q with the times of day of column %q", l.Columns[date], l.Columns[l.Clock])
	return []int{date}
}

// isPart reports whether a column may hold a part of a date: the year, the month or the day in numbers.
func (l *Layout) isPart(i int) bool {
	return l.columns[i].Content == Integers && slices.Contains(partNames, plain(l.Columns[i]))
}

// narrow keeps of several columns that are called times the only one whose cells are times or not all midnight, if the others
// are midnights, as files of daily prices have them, or assets that are called as the times are, in other case.
func (l *Layout) narrow(found []int) []int {
	for _, other := range []func(int) bool{
		func(i int) bool { return l.columns[i].Content != Times },
		func(i int) bool { return l.columns[i].Midnights },
	} {
		times := slices.DeleteFunc(slices.Clone(found), other)
		if len(times) != 1 {
			continue
		}
		for _, i := range found {
			switch {
			case i == times[0]:
			case l.columns[i].Midnights:
				l.left[i] = true
				l.note("column %q is midnight in all rows and is not read", l.Columns[i])
			case plain(l.Columns[i]) != plain(l.Columns[times[0]]):
				return found
			}
		}
		return times
	}
	return found
}

// guessTime takes the index of a data frame, or else the first column of a wide file, for the times, unless its cells cannot
// be times. [Builder.Table] sees whether they ascend.
func (l *Layout) guessTime() error {
	first := l.places(func(i int) bool { return l.columns[i].Index && l.columns[i].Content == Integers })
	if len(first) != 1 {
		first = l.places(func(int) bool { return true })
	}
	switch {
	case len(first) == 0:
		return Reject("no column is left: %s", l.list())
	case l.columns[first[0]].Content == Numbers:
		return noTimes(l.Columns[first[0]], "has decimals")
	case l.columns[first[0]].Content == Words && len(first) > 1:
		return noTimes(l.Columns[first[0]], "has words")
	}
	l.Time, l.guessed = first[0], true
	return nil
}

// noTimes is the error for a file whose first column is not called a time, and why it is none.
func noTimes(first, why string) error {
	return Reject("the file has no column of times: the first, %s, is not called date, time or the like, and %s. Name the column with --time-column, or number the rows with --number-rows", Quote(first), why)
}

// checkGuess rejects integers in a column that nothing calls a time, unless they number the rows.
func (b *Builder) checkGuess() error {
	if !b.guessed || b.Kind != Step || len(b.times) == 0 {
		return nil
	}
	const why = "its numbers do not ascend in equal steps"
	for k := 1; k < len(b.times); k++ {
		if b.times[k] <= b.times[k-1] {
			return noTimes(b.Columns[b.Time], fmt.Sprintf("%s: %d comes after %d in %s %d", why, b.times[k], b.times[k-1], b.options.unit(), b.source.lines.of(k)))
		}
	}
	usual := medianStep(b.times) // if all distances are multiples of it, at least half of them equal it
	for k := 1; k < len(b.times); k++ {
		if (b.times[k]-b.times[k-1])%usual != 0 {
			return noTimes(b.Columns[b.Time], why)
		}
	}
	return nil
}
