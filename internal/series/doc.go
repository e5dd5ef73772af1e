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
// A file has times of one of four kinds, which [ParseTime] reads in these forms:
//
//   - integer steps;
//   - dates: 2006-01-02, 2006/1/2, 2006.1.2, 2.1.2006, Jan 2 2006, Jan 2, 2006, 2 Jan 2006 or 2-Jan-2006. The month alone
//     (2006-01, 2006M01, Jan 2006) is its first day, the quarter alone (2006Q1) is the first day of the quarter;
//   - dates with a time of day and without a zone: 2006-01-02 15:04:05, with a space or a T, or 2.1.2006 15:04;
//   - RFC 3339 times, which are kept in UTC.
//
// Ambiguous forms such as 01/02/2006 are rejected. Eight digits are an integer step, except in a CSV file whose column of
// times is called date: there 20060102 is a date.
//
// # Axes and missing values
//
// Missing values at the beginning and at the end of an asset are cut off. Assets of the same frequency share one axis, the
// union of their times. If that would fill in more than half of their values, or put two times into one period, each
// keeps its own times. An axis with a regular frequency is completed: a month that no asset has is inserted, unless more
// than half of the axis would be filled in. Business days are not completed, so holidays are not gaps. Where an asset has
// no value between its first and its last, the value before is carried forward and counted.
//
// # Hostile files
//
// Reading a file ends with a table whose values are finite and whose times ascend, or with an error, whatever the file
// holds. The libraries for Arrow and Parquet trust the counts in a file's headers, so the readers check these first, and
// bound what a compressed file may become by its size.
package series
