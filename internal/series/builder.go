package series

import "fmt"

// MaxRows is the most rows that a file may have.
const MaxRows = 1 << 30

// Builder makes a table of the rows that a format reader finds. The reader tells it the names of the columns, and learns
// from [Layout] what they are; it then hands on all rows of the file, and asks for the [Builder.Table]:
//
//   - in the long form, row by row with [Builder.Asset] and [Builder.Add];
//   - in the wide form, the times of all rows with [Builder.AddTime], and the values with [Builder.SetValues].
//
// Rows that cannot be read go to [Builder.Unreadable], and reject the file in the end. A builder makes one table.
type Builder struct {
	Layout
	// Kind is how the file counts time. The reader sets it where the type of the column says it; for text,
	// [Builder.ParseTime] does.
	Kind Kind
	// Midnights says that the times are timestamps without a zone, which libraries that know no dates write for them:
	// if all are midnight, they become dates.
	Midnights bool
	// Dialect is what the audit says of the dialect.
	Dialect string

	options Options
	source  source
	rows    *longRows
	times   []int64 // of a wide file
	first   int64   // the line whose text set the kind; 0 before there is one
}

// NewBuilder judges the columns of a file. It returns a [RejectError] for columns that do not make a table, and a
// [FieldError] for options that do not fit the file.
func NewBuilder(columns []string, o Options) (*Builder, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		return nil, Reject("the file has no columns")
	}
	l, err := newLayout(columns, o)
	if err != nil {
		return nil, err
	}
	b := &Builder{Layout: l, options: o, source: source{audit: new(Audit), long: l.Long}}
	if l.Long {
		b.rows = newLongRows()
	}
	return b, nil
}

// Grow makes room for so many more rows.
func (b *Builder) Grow(rows int) {
	if b.Long {
		b.rows.grow(rows)
		return
	}
	b.times = grown(b.times, rows)
}

// Asset finds the number of an asset by its name, and numbers a new one, to which a row must be added next. It returns a
// reason for a text that cannot be a name.
func (b *Builder) Asset(name []byte) (int32, string) { return b.rows.asset(name) }

// Add adds a row of a long file: an asset by its number, a time in the unit of the kind, and a value, NaN where it is
// missing. Line is the row's line, or its number from 1 in a format without lines.
func (b *Builder) Add(line int64, asset int32, at int64, value float64) {
	b.source.lines.at(len(b.rows.values), line)
	b.rows.add(asset, at, value)
}

// AddTime begins a row of a wide file; see [Builder.Add] for what line and at are.
func (b *Builder) AddTime(line, at int64) {
	b.source.lines.at(len(b.times), line)
	b.times = append(b.times, at)
}

// SetValues sets the values of a column of a wide file, one for each time that was added, NaN where it is missing. The
// columns are set in their order, from place 1 on. The slice becomes the table's.
func (b *Builder) SetValues(values []float64) {
	if len(values) != len(b.times) {
		panic(fmt.Sprintf("series: %d values for %d times", len(values), len(b.times)))
	}
	name := b.Columns[1+len(b.source.columns)]
	b.source.columns = append(b.source.columns, column{name: name, times: b.times, values: values})
}

// ParseTime reads a time in text. The first sets the kind, which all further ones must have. It returns a reason for a
// text that is not a time of that kind.
func (b *Builder) ParseTime(line int64, text []byte) (int64, string) {
	t, reason := ParseTime(text)
	if reason == "" {
		reason = b.SameKind(line, t, text)
	}
	return t.N, reason
}

// TakesKind reports whether a time of the kind may come next: that of the times before, or any as the first.
func (b *Builder) TakesKind(k Kind) bool { return b.first == 0 || b.Kind == k }

// SameKind does for a time that the reader itself has read what [Builder.ParseTime] does for a text.
func (b *Builder) SameKind(line int64, t Time, text []byte) string {
	if b.first == 0 {
		b.first, b.Kind = line, t.Kind
	}
	if t.Kind == b.Kind {
		return ""
	}
	return b.otherKind(t.Kind, text)
}

// otherKind is the reason for a time of another kind than the first.
func (b *Builder) otherKind(k Kind, text []byte) string {
	return fmt.Sprintf("%s is %s, and line %d has %s", Quote(string(text)), k.one(), b.first, b.Kind.one())
}

// Unreadable notes a row that cannot be read: at fault is the column at a place, or with -1 the whole row.
func (b *Builder) Unreadable(line int64, column int, reason string) {
	at := Finding{Line: line, Reason: reason}
	if column >= 0 {
		at.Column = b.Columns[column]
	}
	b.source.audit.Unreadable.add(at)
}

// Rejected reports whether rows were unreadable, so that there will be no table.
func (b *Builder) Rejected() bool { return b.source.audit.Unreadable.Count > 0 }

// Table makes the table and its audit: it sorts and judges the rows of each asset, puts them on an axis of times and
// carries missing values forward. A file at fault gives a [RejectError], with the audit.
func (b *Builder) Table() (*Table, *Audit, error) {
	b.source.kind, b.source.rows = b.Kind, int64(len(b.times))
	b.source.audit.Dialect = b.Dialect
	if b.Long {
		b.source.rows = int64(len(b.rows.values))
		b.source.columns = b.rows.columns()
	}
	switch {
	case b.source.rows > MaxRows:
		return nil, nil, Reject("the file has %d rows, more than %d", b.source.rows, MaxRows)
	case b.source.rows == 0 && !b.Rejected():
		return nil, nil, Reject("the file has no rows")
	}
	if b.Midnights {
		b.source.dropMidnights()
	}
	return assemble(&b.source, b.options)
}

// dropMidnights turns times of day into dates when all of them are midnight.
func (s *source) dropMidnights() {
	for i, c := range s.columns {
		if i > 0 && sameSlice(c.times, s.columns[i-1].times) {
			continue
		}
		for _, t := range c.times {
			if t%microsPerDay != 0 {
				return
			}
		}
	}
	s.kind = Date
	var read, days []int64
	for i := range s.columns {
		c := &s.columns[i]
		if read == nil || !sameSlice(c.times, read) {
			read, days = c.times, make([]int64, len(c.times))
			for k, t := range read {
				days[k] = t / microsPerDay
			}
		}
		c.times = days
	}
}
