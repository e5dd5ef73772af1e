// Package json reads tables of series from records in JSON: an array of objects, or objects one after the other, as JSON Lines
// has them. The fields of a record are named as the columns of a CSV file are, and mean the same: a table in both forms reads as
// the same series. The package of the standard library is imported as std.
package json
