package series

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"foliocast/internal/series/timetext"
)

// integerForm is a way in which an integer can mean a time.
type integerForm struct {
	name string // in [Options.TimeFormat]
	what string // what an integer of the form is, for a message
	kind Kind
	read func(n int64) (int64, bool)
}

// integerForms are all ways.
func integerForms() []integerForm {
	return []integerForm{
		{"step", "an integer step", Step, func(n int64) (int64, bool) { return n, true }},
		{"yyyymmdd", "a day like 20240131", Date, compactDay},
		{"yyyymmddhh", "an hour like 2024013118", Datetime, func(n int64) (int64, bool) { return compactClock(n*10_000, n) }},
		{"yyyymmddhhmm", "a minute like 202401311805", Datetime, func(n int64) (int64, bool) { return compactClock(n*100, n) }},
		{"yyyymmddhhmmss", "a second like 20240131180500", Datetime, func(n int64) (int64, bool) { return compactClock(n, n) }},
		{"yyyymm", "a month like 202401", Date, func(n int64) (int64, bool) { return compactDay(n*100 + 1) }},
		{"yyyyww", "a week of ISO 8601 like 202405", Date, compactWeek},
		{"year", "a year like 2024", Date, func(n int64) (int64, bool) { return compactDay(n*10_000 + 101) }},
		{"epoch", "a number of seconds since 1970", Instant, epoch(time.Second)},
		{"epoch-ms", "a number of milliseconds since 1970", Instant, epoch(time.Millisecond)},
		{"epoch-us", "a number of microseconds since 1970", Instant, epoch(time.Microsecond)},
		{"epoch-ns", "a number of nanoseconds since 1970", Instant, epoch(time.Nanosecond)},
		{"excel", "a serial number of Excel", Date, func(n int64) (int64, bool) { return n - excelEpoch, n >= 1 && n < 2958466 }},
	}
}

// TimeFormats are the names that [Options.TimeFormat] may have, beside patterns.
func TimeFormats() []string {
	var names []string
	for _, f := range integerForms() {
		names = append(names, f.name)
	}
	return names
}

// formNamed finds a form, and returns false for a name that none has.
func formNamed(name string) (integerForm, bool) {
	forms := integerForms()
	i := slices.IndexFunc(forms, func(f integerForm) bool { return f.name == name })
	if i < 0 {
		return integerForm{}, false
	}
	return forms[i], true
}

// checkTimeFormat returns the error for a format of times that has no meaning.
func (o Options) checkTimeFormat() error {
	if _, ok := formNamed(o.TimeFormat); ok || o.TimeFormat == "" {
		return nil
	}
	if !strings.Contains(o.TimeFormat, "%") {
		return &FieldError{"time_format", fmt.Sprintf("%q is neither a pattern such as %%d/%%m/%%Y nor one of %s", o.TimeFormat, strings.Join(TimeFormats(), ", "))}
	}
	if _, err := timetext.Compile(o.TimeFormat); err != nil {
		return &FieldError{"time_format", err.Error()}
	}
	return nil
}

// compactDay reads 20060102.
func compactDay(n int64) (int64, bool) {
	if n < 10101 || n > 99991231 {
		return 0, false
	}
	return timetext.Days(int(n/10_000), int(n/100%100), int(n%100))
}

// compactClock reads 20060102150405; n is the same integer before it was filled up to that.
func compactClock(filled, n int64) (int64, bool) {
	day, ok := compactDay(filled / 1_000_000)
	hour, minute, second := filled/10_000%100, filled/100%100, filled%100
	if !ok || n < 0 || filled > 99991231235959 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return day*microsPerDay + ((hour*60+minute)*60+second)*1_000_000, true
}

// compactWeek reads 202405 as the Monday of a week of ISO 8601.
func compactWeek(n int64) (int64, bool) {
	if n < 101 || n > 999953 {
		return 0, false
	}
	return timetext.WeekDays(int(n/100), int(n%100))
}

// epoch reads a count of a unit since 1970.
func epoch(unit time.Duration) func(int64) (int64, bool) {
	convert := Timestamps(unit)
	return func(n int64) (int64, bool) {
		at, reason := convert(n)
		return at, reason == ""
	}
}

// settleIntegers decides what the integers of a column of times mean: what the options say, or what all of them together
// leave no doubt about. Where there is doubt it returns the error.
func (b *Builder) settleIntegers() error {
	if b.text.pattern != nil {
		return b.integersByPattern()
	}
	form, ok := formNamed(b.options.TimeFormat)
	if onto := b.options.Onto; !ok && onto != nil && onto.Table.kind == Step {
		form, ok = formNamed("step")
	}
	if !ok {
		name, err := b.guessForm()
		if err != nil {
			return err
		}
		form, _ = formNamed(name)
		if form.name != "step" {
			b.source.audit.note("the numbers of column %q are read as times, each as %s", b.Columns[b.Time], form.what)
		}
	}
	if form.name == "step" {
		low, high := Step.bounds()
		form.read = func(n int64) (int64, bool) { return n, n >= low && n <= high }
		b.convertOrFault(Step, form.read, "is beyond 2^53")
		return nil
	}
	b.Kind = form.kind
	b.convertOrFault(form.kind, form.read, "is not "+form.what)
	return nil
}

// convertOrFault converts all integers, and reports the rows of those that cannot be.
func (b *Builder) convertOrFault(kind Kind, read func(int64) (int64, bool), why string) {
	s := &b.source
	var done []int64
	for i := range s.columns {
		c := &s.columns[i]
		if i > 0 && sameSlice(c.times, done) {
			continue
		}
		done = c.times
		for k, n := range c.times {
			if _, ok := read(n); !ok {
				b.Unreadable(s.lines.of(c.row(k)), b.Time, strconv.FormatInt(n, 10)+" "+why)
			}
		}
		if !s.long {
			break // all columns have the same rows
		}
	}
	if !b.Rejected() && kind != Step {
		s.convertTimes(kind, func(n int64) int64 { t, _ := read(n); return t })
	}
}

// integersByPattern reads integers, of a file with types, by a pattern of strftime.
func (b *Builder) integersByPattern() error {
	read := func(n int64) (int64, bool) {
		m, ok := b.text.pattern.Parse(strconv.AppendInt(nil, n, 10))
		if !ok {
			return 0, false
		}
		t := timeOf(m)
		b.Kind = t.Kind
		low, high := t.Kind.bounds()
		return t.N, t.N >= low && t.N <= high
	}
	for _, c := range b.source.columns { // one finds the kind
		if len(c.times) > 0 {
			read(c.times[0])
			break
		}
	}
	b.convertOrFault(b.Kind, read, "is not written as --time-format says")
	return nil
}
