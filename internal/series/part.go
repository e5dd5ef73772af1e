package series

import "foliocast/internal/series/timetext"

// Part makes a builder for a part of the rows of a long file, which another goroutine may read. It has the options of b but no
// budget.
func (b *Builder) Part() *Builder {
	options := b.options
	options.Budget = nil
	text := textTimes{pattern: b.text.pattern, form: b.text.form, weeks: b.text.weeks}
	return &Builder{Layout: b.Layout, options: options, source: source{audit: &Audit{}, long: true}, rows: newLongRows(), text: text}
}

// Join adds the rows of a part, which follow those that b has, behind the given number of lines. It returns false for a part whose
// meaning depends on the rows before it, or that has faults; b is then of no use, and the file must be read row by row.
func (b *Builder) Join(part *Builder, lines int64) bool {
	if part.Rejected() || part.failed != nil || part.Kind == Instant || b.first > 0 && part.first > 0 && part.Kind != b.Kind {
		return false
	}
	for order, line := range part.text.orders {
		if line > 0 && timetext.Order(order) != timetext.Plain {
			return false
		}
	}
	rows := len(b.rows.values)
	if !b.rows.join(part.rows) {
		return false
	}
	for _, at := range part.source.lines.breaks {
		b.source.lines.add(rows+at.row, lines+at.line)
	}
	if b.first == 0 && part.first > 0 {
		b.first, b.Kind = lines+part.first, part.Kind
		b.text.orders[timetext.Plain] = b.first
	}
	return true
}

// join appends rows, or returns false where that would mix the rows of assets.
func (r *longRows) join(more *longRows) bool {
	if r.mixed || more.mixed {
		return false
	}
	more.close()
	for i, name := range more.names {
		if asset, known := r.index[name]; !known {
			asset = int32(len(r.names))
			r.names = append(r.names, name)
			r.index[name] = asset
			r.change(asset)
		} else if i > 0 || asset != r.last {
			return false
		}
		from := more.starts[i]
		r.values = append(r.values, more.values[from:from+len(more.times[i])]...)
		r.current = append(r.current, more.times[i]...)
	}
	return true
}
