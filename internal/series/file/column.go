package file

import "foliocast/internal/series"

// ReadX reads a column of a file that is known in advance: one of o.X. read is the audit of the values that the column is beside,
// and asset the name of their asset, if the file is wide and has one. In a wide file with several, the column belongs to all of
// them, and its only asset has the name of the column. The audit has no remarks about zeros and jumps, which such columns may
// have.
func ReadX(path string, o series.Options, name string, read *series.Audit, asset string) (*series.Table, *series.Audit, error) {
	o.X, o.Columns, o.Drop, o.Value, o.AssetName = nil, nil, nil, name, ""
	if read.Form == "wide" {
		o.AssetName = asset
		if asset == "" {
			o.AssetName = name
		}
	}
	t, audit, err := Read(path, o)
	if err != nil {
		return nil, nil, err
	}
	audit.Column, audit.Columns, audit.Notes = name, nil, nil
	audit.NonPositive, audit.Splits = series.Findings{}, series.Findings{}
	return t, audit, nil
}
