// Package csv reads and writes tables of series as CSV.
//
// Fields are separated by commas, or by semicolons, tabs or bars if the first line has no comma. Numbers have decimal
// points or decimal commas, and perhaps the other mark between thousands, as all numbers of the file together show; where
// they leave it open, as 998 and 1.000 do, the file is refused. Blanks and apostrophes between thousands must be asked for.
// A line "sep=;" above the table is read as Excel does. The reader skips rows of nothing but separators, separators after the
// last column, and columns that number the rows.
//
// A missing value is an empty field, or one of the words that databases, spreadsheets and statistics programs write for it:
// NA, NaN, null, -, #N/A and the like.
package csv
