// Package csv reads and writes tables of series as CSV.
//
// Fields are separated by commas, or by semicolons, tabs or bars if the first line has no comma. Numbers have decimal
// points; in a file without commas between fields they may have decimal commas, but then all numbers must. Thousands have
// no separator. A line "sep=;" above the table is read as Excel does. The reader skips rows of nothing but separators,
// separators after the last column, and a column without a name in front of a column of times, which numbers the rows.
//
// A missing value is an empty field, or one of the words that databases, spreadsheets and statistics programs write for it:
// NA, NaN, null, -, #N/A and the like.
package csv
