package series

// WithFreq returns the table with another frequency: its values stay, and [Table.Next] counts on from the last as the
// frequency says. It returns a [FieldError] for a frequency that the times cannot have. The result shares the table's values
// and must not outlive it.
func (t *Table) WithFreq(f Freq) (*Table, error) {
	if err := (Options{Freq: f}).check(); err != nil {
		return nil, err
	}
	if f == "H" && t.kind == Date {
		return nil, &FieldError{"freq", "H needs times of day, and the file has dates"}
	}
	changed := make(map[*Axis]*Axis)
	assets := make([]Asset, len(t.assets))
	for i, a := range t.assets {
		if changed[a.axis] == nil {
			other := *a.axis
			other.freq = f
			if t.kind != Step {
				other.step = f.step(t.kind)
			}
			changed[a.axis] = &other
		}
		a.axis = changed[a.axis]
		assets[i] = a
	}
	return NewTable(t.kind, t.zone, t.shared, t.names, assets), nil
}
