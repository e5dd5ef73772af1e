package series

import "iter"

// Row is a row of a table in the long form.
type Row struct {
	Asset int     // the asset's number
	Place int     // the place of the row's time on the asset's axis
	Value float64 // 0 if it is not present
	// Present says that the value was in the file, and not carried forward.
	Present bool
}

// Rows are the rows of the table in the long form, asset by asset. Writing them to a file and reading it again gives an equal
// table. An asset without values has one row, whose value is not present.
func (t *Table) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for i := range t.assets {
			a := &t.assets[i]
			if a.len() == 0 && len(a.axis.times) > 0 && !yield(Row{Asset: i, Place: a.first}) {
				return
			}
			filled := a.filled
			for k, v := range a.values() {
				row := Row{Asset: i, Place: a.first + k, Value: v, Present: true}
				if len(filled) > 0 && int(filled[0]) == k {
					row.Value, row.Present = 0, false
					filled = filled[1:]
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}
