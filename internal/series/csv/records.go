package csv

import "foliocast/internal/series"

// ReadRecords reads text that a program has written of records: with commas between fields, decimal points, a line for each
// record, and a line with the names before them. The lines of its findings are the numbers of the records, from 1.
func ReadRecords(data []byte, o series.Options) (*series.Table, *series.Audit, error) {
	o.Decimal, o.Thousands, o.Records = ".", "none", true
	return readFrom(data, o, partsOf(o), ',', 0, 0)
}
