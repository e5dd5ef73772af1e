package arrow

import (
	"math"
	"time"

	apache "github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"foliocast/internal/series"
)

// times finds how to read the times of a record. The function that it returns takes the number of a row in the record, and
// returns the time of the row, or the reason why it has none.
func (r *reader) times(record apache.RecordBatch) (func(row int) (int64, string), error) {
	place := r.table.Time
	if place < 0 { // the rows are numbered
		return func(int) (int64, string) { return 0, "" }, nil
	}
	c := cellsOf(record.Column(place))
	read, err := r.presentTimes(place, c.values)
	if err != nil {
		return nil, err
	}
	return func(row int) (int64, string) {
		k := row
		if c.at != nil {
			if k = c.at(row); k < 0 {
				return 0, "the time is null"
			}
		}
		return read(row, k)
	}, nil
}

// presentTimes finds how to read times that are not null, by the row and the place of its value.
func (r *reader) presentTimes(place int, values apache.Array) (func(row, k int) (int64, string), error) {
	switch c := values.(type) {
	case *array.Date32:
		r.table.Kind = series.Date
		items := c.Date32Values()
		return func(_, k int) (int64, string) { return series.Dates(int64(items[k])) }, nil
	case *array.Date64:
		r.table.Kind = series.Date
		items := c.Date64Values()
		return func(_, k int) (int64, string) { return series.Dates(wholeDays(int64(items[k]))) }, nil
	case *array.Timestamp:
		return r.timestamps(place, c)
	case *array.Uint64:
		r.table.Kind = series.Step
		items := c.Uint64Values()
		return func(_, k int) (int64, string) { return series.Steps(int64(min(items[k], math.MaxInt64))) }, nil
	}
	if read, ok := integers(values); ok {
		r.table.Kind = series.Step
		return func(_, k int) (int64, string) { return series.Steps(read(k)) }, nil
	}
	text, ok := textOf(values)
	if !ok {
		return nil, series.AsTime.Misfit(r.table.Columns[place], values.DataType().String())
	}
	return func(row, k int) (int64, string) { return r.table.ParseTime(r.line(row), text(k)) }, nil
}

// wholeDays is a number of milliseconds in days, rounded down.
func wholeDays(milliseconds int64) int64 {
	const day = 24 * 60 * 60 * 1000
	days := milliseconds / day
	if milliseconds%day < 0 {
		days--
	}
	return days
}

// timestamps finds how to read timestamps of any unit. They are instants if the type has a zone.
func (r *reader) timestamps(place int, c *array.Timestamp) (func(row, k int) (int64, string), error) {
	t := c.DataType().(*apache.TimestampType)
	r.table.Kind, r.table.Midnights = series.Datetime, true
	if t.TimeZone != "" {
		r.table.Kind, r.table.Midnights = series.Instant, false
		if err := r.setZone(place, t.TimeZone); err != nil {
			return nil, err
		}
	}
	units := map[apache.TimeUnit]time.Duration{apache.Second: time.Second, apache.Millisecond: time.Millisecond,
		apache.Microsecond: time.Microsecond, apache.Nanosecond: time.Nanosecond}
	convert := series.Timestamps(units[t.Unit])
	items := c.TimestampValues()
	return func(_, k int) (int64, string) { return convert(int64(items[k])) }, nil
}

// setZone tells instants in the zone of their type, unless the options name one.
func (r *reader) setZone(place int, zone string) error {
	if r.options.Timezone != "" {
		return nil
	}
	if err := r.table.SetZone(zone); err != nil {
		return series.Reject("column %q: %v: say with --timezone in which zone its times are", r.table.Columns[place], err)
	}
	return nil
}
