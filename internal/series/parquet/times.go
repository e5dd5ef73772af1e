package parquet

import (
	"math"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"foliocast/internal/series"
)

// times finds how to read a column of times, time by time. The function that it returns gives the reason for a row that has
// none.
func (r *reader) times(column int) (func() (int64, string, error), error) {
	if column < 0 { // the rows are numbered
		return func() (int64, string, error) { return 0, "", nil }, nil
	}
	f := r.fields[column]
	if f.nested() {
		return nil, series.AsTime.Misfit(f.name(), f.typeText())
	}
	c := r.cells(column)
	var convert func(parquetgo.Value) (int64, string)
	if f.isText() {
		convert = func(v parquetgo.Value) (int64, string) { return r.table.ParseTime(c.row, v.ByteArray()) }
	} else {
		kind, numeric, ok := f.time()
		if !ok {
			return nil, series.AsTime.Misfit(f.name(), f.typeText())
		}
		r.table.Kind, r.table.Midnights = kind, kind == series.Datetime
		convert = numeric
		if err := r.setZone(column); err != nil {
			return nil, err
		}
	}
	return func() (int64, string, error) {
		v, err := c.value()
		if err != nil {
			return 0, "", err
		}
		if v.IsNull() {
			return 0, "the time is null", nil
		}
		n, reason := convert(v)
		return n, reason, nil
	}, nil
}

// time finds the kind of time in a column without text, and how its values become times. It returns false for a type that is
// not a time.
func (f field) time() (series.Kind, func(parquetgo.Value) (int64, string), bool) {
	integer := func(convert func(int64) (int64, string)) func(parquetgo.Value) (int64, string) {
		return func(v parquetgo.Value) (int64, string) { return convert(signed(v)) }
	}
	switch l := f.logical.(type) {
	case nil:
		if f.kind() == parquetgo.Int96 {
			return series.Datetime, int96Time, true
		}
		return series.Step, integer(series.Steps), isInteger(f.kind())
	case *format.IntType:
		if !l.IsSigned {
			return series.Step, func(v parquetgo.Value) (int64, string) {
				return series.Steps(int64(min(unsigned(v), math.MaxInt64)))
			}, isInteger(f.kind())
		}
		return series.Step, integer(series.Steps), isInteger(f.kind())
	case *format.DateType:
		return series.Date, integer(series.Dates), isInteger(f.kind())
	case *format.TimestampType:
		kind := series.Datetime
		if l.IsAdjustedToUTC {
			kind = series.Instant
		}
		return kind, integer(series.Timestamps(unitOf(l.Unit))), isInteger(f.kind())
	}
	return 0, nil, false
}

// unitOf is the unit of a timestamp.
func unitOf(u format.TimeUnit) time.Duration {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return time.Millisecond
	case *format.NanoSeconds:
		return time.Nanosecond
	}
	return time.Microsecond
}

// int96Time reads a time of Impala, Hive or Spark: the nanoseconds of the day, then the day of the Julian calendar's count.
// Whether it counts from midnight in UTC or elsewhere, the file does not say. The time is in microseconds, rounded down.
func int96Time(v parquetgo.Value) (int64, string) {
	const epoch = 2440588 // the Julian day of 1970-01-01
	n := v.Int96()
	day, reason := series.Dates(int64(n[2]) - epoch)
	if reason != "" {
		return 0, reason
	}
	const hours = int64(24 * time.Hour)
	nanos := int64(n[1])<<32 | int64(n[0])
	if nanos < 0 || nanos >= hours {
		return 0, "the time of the day is not within its 24 hours"
	}
	return day*int64(24*time.Hour/time.Microsecond) + nanos/1000, ""
}
