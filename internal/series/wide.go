package series

// wideRows takes the rows of a wide file one by one. All columns share their times.
type wideRows struct {
	names  []string
	times  []int64
	values []float64 // column by column, room for each
	room   int       // the rows that each column has room for
}

// newWideRows makes room for a number of rows, which must not be exceeded.
func newWideRows(names []string, rows int) *wideRows {
	return &wideRows{names: names, values: make([]float64, rows*len(names)), room: rows}
}

// set puts the value of a column into the row that [wideRows.add] ends next.
func (w *wideRows) set(column int, value float64) { w.values[column*w.room+len(w.times)] = value }

// add ends a row.
func (w *wideRows) add(at int64) { w.times = append(w.times, at) }

// columns ends the reading.
func (w *wideRows) columns() []column {
	out := make([]column, len(w.names))
	for i, name := range w.names {
		from := i * w.room
		to := from + len(w.times)
		out[i] = column{name: name, times: w.times, values: w.values[from:to:to]}
	}
	return out
}
