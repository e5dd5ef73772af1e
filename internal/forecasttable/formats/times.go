package formats

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"foliocast/internal/job"
)

// times turns the texts of times into what Arrow and Parquet count: steps, days
// since 1970-01-01, or microseconds since 1970-01-01 00:00:00. Neighbouring
// assets mostly have the same times, so it keeps the last list.
type times struct {
	kind    job.TimeKind
	texts   []string
	numbers []int64
}

// counted reports whether times of the kind are numbers. Others are text.
func counted(kind job.TimeKind) bool {
	switch kind {
	case job.TimeStep, job.TimeDate, job.TimeDatetime, job.TimeInstant:
		return true
	}
	return false
}

// of returns the numbers of the texts, which are valid until the next call.
func (t *times) of(texts []string) ([]int64, error) {
	if slices.Equal(texts, t.texts) {
		return t.numbers, nil
	}
	t.texts, t.numbers = t.texts[:0], t.numbers[:0]
	for _, text := range texts {
		n, err := number(t.kind, text)
		if err != nil {
			return nil, err
		}
		t.texts, t.numbers = append(t.texts, text), append(t.numbers, n)
	}
	return t.numbers, nil
}

// number reads one time.
func number(kind job.TimeKind, text string) (int64, error) {
	switch kind {
	case job.TimeStep:
		return strconv.ParseInt(text, 10, 64)
	case job.TimeDate:
		at, err := moment("", text, "")
		return at.Unix() / (24 * 60 * 60), err // midnight: no remainder
	case job.TimeDatetime:
		at, err := moment(" ", text, "15:04:05.999999")
		return at.UnixMicro(), err
	case job.TimeInstant:
		at, err := moment("T", text, "15:04:05.999999Z07:00")
		return at.UnixMicro(), err
	}
	return 0, fmt.Errorf("times of kind %q are not counted", kind)
}

// moment reads a date and, after the separator, a time of day; without a
// separator, a date alone. A forecast from the year 9999 on reaches years of
// five digits, which package time does not read.
func moment(separator, text, clock string) (time.Time, error) {
	date, layout := text, "-01-02"
	if separator != "" {
		date, _, _ = strings.Cut(text, separator)
		layout += separator + clock
	}
	end := max(len(date)-len("-01-02"), 0)
	year, err := strconv.Atoi(text[:end])
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time of its kind", text)
	}
	// The calendar repeats after 400 years, and 2000 is a multiple of 400.
	at, err := time.Parse("2006"+layout, strconv.Itoa(2000+year%400)+text[end:])
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time of its kind", text)
	}
	return at.AddDate(year/400*400-2000, 0, 0), nil
}
