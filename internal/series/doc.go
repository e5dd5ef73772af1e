// Package series holds time series and says what they mean: a table has one run of float64 for each asset, on an axis of
// times. It knows times, frequencies and calendars, and how to count on from the last value. It knows no file format, no
// forecasting and no network.
//
// A format reader (packages csv, arrow and parquet below this one) hands the rows of a file to a [Builder], which sorts
// and audits them, puts each asset on an axis of times and carries missing values forward. The result is a [Table] with
// an [Audit], or a [RejectError] that names the lines at fault.
//
// # Times
//
// A file has times of one of four kinds:
//
//   - integer steps;
//   - dates: 2006-01-02, 2006/1/2, 2.1.2006, Jan 2, 2006, 2-Jan-2006 and the like; parts of a year for their first day: months
//     (2006-01, 2006M1, Jan 2006), quarters (2006Q1, Q1 2006), halves (2006H1, 2006S1) and weeks of ISO 8601 (2006-W01);
//   - dates with a time of day and without a zone: 2006-01-02 15:04:05, 2.1.2006 15:04, Jan 2, 2006 3:04 PM, 20060102T1504;
//   - the same with a zone: an offset, Z, UTC, or a name such as Europe/Berlin.
//
// What one time leaves open, the column decides as a whole. In 1/2/2006 and 1-2-2006 the day is first, or the month, if a
// date of the column shows it. Integers are read as days (20060102), months (200601), weeks (200601), years, seconds since 1970 or
// serial numbers of Excel where all of them agree with that, and nothing else is likely; the audit says so. Where there is
// doubt, the file is refused, and [Options.TimeFormat] decides. A year needs four digits.
//
// # Zones
//
// Instants are told in one zone, in which days begin. It is the zone that the file or [Options.Timezone] names. Otherwise it is
// found from the offsets in the text: a constant offset is the zone, and of several offsets the audit says to which of some
// well-known zones they belong (New York, Chicago, London, Berlin, Sydney and others), or that none fits. With a
// named zone, local times are instants: an hour that the clocks show twice in autumn is told apart by the order of the rows,
// and a time that they skip in spring is refused with its line.
//
// # Calendars
//
// Each asset has a [calendar.Calendar], which its times show on the clock of the zone: [Table.CalendarOf]. One odd date does
// not hide it; the audit lists the dates that are not on the calendar, several in one period, and assets whose times follow
// no rule. [Table.Next] counts on from the last value, [Table.Skips] says where slots of the calendar have no value, such as
// holidays, so that seasons keep their phase. A frequency that is asked for must agree with the times, or the values
// are resampled: [Table.WithFreq].
//
// # Axes and missing values
//
// Rows without a value are reported and left out before anything else: an asset has times only where something was observed.
// Assets of the same calendar share one axis, the union of their times. If that would fill in more than half of
// their values, or put two times into one period, each keeps its own times. An axis with a regular calendar is completed: a
// month that no asset has is inserted, unless more than half of the axis would be filled in. The days and hours of a market
// are not completed, so holidays are neither gaps nor values. Where an asset has no value at a time of its axis, between its
// first and its last, the value before is carried forward, marked and counted; [Table.WithMissing] applies another
// policy. Writing a table leaves marked values out.
//
// # Hostile files
//
// Reading a file ends with a table whose values are finite and whose times ascend, or with an error, whatever the file
// holds. The libraries for Arrow and Parquet trust the counts in a file's headers, so the readers check these first, and
// bound what a compressed file may become by its size.
package series
