// Package series reads, checks and holds time series: one run of float64 an asset on a common axis of times.
//
// It reads CSV (long and wide), Parquet and Arrow IPC, audits what it reads, and keeps the result as one Arrow file
// whose values a process can map into memory. It knows no forecasting, no network and no other package of this project.
//
// The life of a file: a format reader turns it into columns (one an asset, rows in file order), [assemble] sorts and
// judges the columns, puts each on an axis of times and carries inner missing values forward, and the result is a
// [Table] with an [Audit], or a [RejectError] that names the lines at fault.
//
// # Times
//
// A time is an integer step, a date (2006-01-02, 2006/1/2, 2006.1.2, 2.1.2006, Jan 2 2006, Jan 2, 2006, 2 Jan 2006 or
// 2-Jan-2006; 2006-01, 2006M01 or Jan 2006 for the first of a month, 2006Q1 for that of a quarter), a time of day
// without a zone (2006-01-02 15:04:05, with a space or a T, or 2.1.2006 15:04) or an RFC 3339 time, which is kept in
// UTC. A file has one of the four kinds throughout. Forms such as 01/02/2006 are ambiguous and rejected. Eight digits
// are an integer step, but for a CSV file whose column of times is called date: there 20060102 is a date.
//
// # CSV
//
// Fields are separated by commas; or by semicolons, tabs or bars, where the first line has no comma. Then decimals may
// have commas, in all numbers of the file or in none. Thousands have no separator. Rows of nothing but separators,
// separators behind the last column, a line "sep=;" above the table, and a column without a name in front of a column
// of times, which numbers the rows, are passed over.
//
// # Axes and missing values
//
// Leading and trailing missing values are cut off. Assets of the same frequency share one axis, the union of their
// times, unless that would make up more than half of their values or bring two times into one period; then each keeps
// its own times. An axis with a regular frequency is completed: a month that nobody has is inserted, unless more than
// half of the axis would be made up. Business days are not completed, so holidays are no gaps. Wherever an asset has
// no value between its first and its last, the value before is carried forward and counted.
//
// # Hostile files
//
// Whatever a file holds, reading it returns: with a table whose values are finite and whose times ascend, or with an
// error. The libraries for Arrow and Parquet believe the counts in a file's headers, so these are checked before, and
// what a compressed file may become is bounded by its size.
package series
